{{- define "microservice.servicemonitor" -}}
{{- if and .Values.metrics.enabled (eq .Values.metrics.type "serviceMonitor") -}}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: {{ .fullname }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- .labels | nindent 4 }}
    {{- with .Values.metrics.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  selector:
    matchLabels:
      {{- .selector | nindent 6 }}
    {{- /* Else the pods of a StatefulSet would be scraped twice. */}}
    matchExpressions:
      - key: headless
        operator: DoesNotExist
  endpoints:
    - port: {{ (first .ports).name }}
      path: {{ .Values.metrics.path }}
      interval: {{ .Values.metrics.interval }}
{{- end -}}
{{- end }}
