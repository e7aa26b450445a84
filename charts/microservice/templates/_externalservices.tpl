{{/* Stable names in the cluster for datastores outside it. */}}
{{- define "microservice.externalservices" -}}
{{- $ctx := . -}}
{{- range $name, $host := .Values.externalServices }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}
  namespace: {{ $ctx.Release.Namespace }}
  labels:
    {{- $ctx.labels | nindent 4 }}
spec:
  type: ExternalName
  externalName: {{ $host }}
{{- end }}
{{- end }}
