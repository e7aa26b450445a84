"""relman: releases a Helm-packaged system to Kubernetes through git and Argo CD."""

__version__ = "0.1.0"
