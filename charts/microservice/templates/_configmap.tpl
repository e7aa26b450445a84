{{- define "microservice.configmap" -}}
{{- if .environment -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .fullname }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- .labels | nindent 4 }}
data:
  {{- range $key, $value := .environment }}
  {{ $key }}: {{ $value | quote }}
  {{- end }}
{{- end -}}
{{- end }}
