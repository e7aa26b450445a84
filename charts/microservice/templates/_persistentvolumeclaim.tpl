{{/*
The one claim of a service with a single replica. It outlives the release:
taking a chart away must not take the data with it.
*/}}
{{- define "microservice.persistentvolumeclaim" -}}
{{- if and .Values.storage.enabled (eq .Values.storage.claim "Single") -}}
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {{ .Values.storage.name }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- .labels | nindent 4 }}
  annotations:
    helm.sh/resource-policy: keep
spec:
  {{- include "microservice.claim" . | nindent 2 }}
{{- end -}}
{{- end }}

{{- define "microservice.claim" -}}
accessModes:
  - ReadWriteOnce
{{- with .Values.storage.storageClassName }}
storageClassName: {{ . }}
{{- end }}
resources:
  requests:
    storage: {{ .Values.storage.size }}
{{- end }}
