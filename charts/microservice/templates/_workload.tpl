{{- define "microservice.workload" -}}
apiVersion: apps/v1
kind: {{ .workloadKind }}
metadata:
  name: {{ .fullname }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- .labels | nindent 4 }}
spec:
  {{- if not .Values.autoscaling.enabled }}
  replicas: {{ .Values.replicaCount }}
  {{- end }}
  revisionHistoryLimit: 5
  selector:
    matchLabels:
      {{- .selector | nindent 6 }}
  {{- include (printf "microservice.%s" (lower .workloadKind)) . | nindent 2 }}
  template:
    {{- include "microservice.pod" . | nindent 4 }}
{{- end }}
