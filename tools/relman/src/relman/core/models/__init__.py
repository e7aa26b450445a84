"""The files of the repository and the data between the layers, as frozen models."""
