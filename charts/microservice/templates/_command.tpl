{{/*
The images read environment variables, and a secret may be neither an
environment variable of the pod nor a Kubernetes Secret. So the container
starts with this script: it reads one file for each named variable, exports
them in its own process and becomes the image's entry point.

Arguments: the folder, the variables' names, "--", the entry point.
Trailing newlines of a file are dropped, as a shell does; everything else is
kept byte for byte. The kubelet leaves $(...) alone unless it names a variable
of the pod.
*/}}
{{- define "microservice.secretscript" -}}
folder=$1
shift
while [ "$1" != -- ]; do
  file="$folder/$1"
  if [ ! -r "$file" ]; then
    echo "secret file $file is missing or cannot be read" >&2
    exit 1
  fi
  value=$(cat "$file") || exit 1
  if [ -z "$value" ]; then
    echo "secret file $file is empty" >&2
    exit 1
  fi
  export "$1=$value"
  shift
done
shift
exec "$@"
{{- end }}

{{/* Only where there are secrets: otherwise the image's own entry point runs. */}}
{{- define "microservice.command" -}}
{{- if .secrets -}}
command:
  - sh
  - -c
  - |
    {{- include "microservice.secretscript" . | nindent 4 }}
  - read-secrets
args:
  - /mnt/secrets
  {{- range $secret := .secrets }}
  {{- range $variable, $key := $secret.variables }}
  - {{ $variable }}
  {{- end }}
  {{- end }}
  - --
  {{- range .service.entrypoint }}
  - {{ . | quote }}
  {{- end }}
{{- end -}}
{{- end }}
