{{/*
What a Deployment alone has. A claim that one node holds cannot follow a surge
pod to another node, so a single claim is handed over with the pod stopped.
*/}}
{{- define "microservice.deployment" -}}
progressDeadlineSeconds: 600
strategy:
  {{- if .Values.storage.enabled }}
  type: Recreate
  {{- else }}
  type: RollingUpdate
  rollingUpdate:
    maxSurge: 1
    maxUnavailable: 0
  {{- end }}
{{- end }}
