{{/*
One entry for each Secrets Manager secret. Every variable becomes a file of its
own, named as the variable. usePodIdentity is a string to the provider. The
whole JSON document is mounted too, under the entry's alias: an ARN as a file
name would not do, and two entries may name the same secret.
*/}}
{{- define "microservice.secretproviderclass" -}}
{{- if .secrets -}}
apiVersion: secrets-store.csi.x-k8s.io/v1
kind: SecretProviderClass
metadata:
  name: {{ .fullname }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- .labels | nindent 4 }}
spec:
  provider: aws
  parameters:
    {{- with .region }}
    region: {{ . | quote }}
    {{- end }}
    usePodIdentity: "true"
    objects: |
      {{- include "microservice.secretobjects" . | trim | nindent 6 }}
{{- end -}}
{{- end }}

{{/* A JMESPath key that is no plain identifier must be quoted, inside the YAML quotes. */}}
{{- define "microservice.secretobjects" -}}
{{- range $alias, $secret := .secrets }}
- objectName: {{ $secret.name | quote }}
  objectType: secretsmanager
  objectAlias: {{ $alias }}.json
  jmesPath:
    {{- range $variable, $key := $secret.variables }}
    - path: {{ regexMatch "^[A-Za-z_][A-Za-z0-9_]*$" $key | ternary $key ($key | quote) | squote }}
      objectAlias: {{ $variable }}
    {{- end }}
{{- end }}
{{- end }}
