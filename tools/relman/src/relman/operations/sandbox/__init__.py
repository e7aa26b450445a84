"""`relman sandbox`: a control plane and Argo CD on this machine, one file for each step."""
