{{/*
The one claim of a service with a single replica. It outlives the release:
taking a chart away must not take the data with it. To Argo CD Helm's annotation
means no deletion with the Application only, so it is told by its own what it
must not prune, and that what it leaves there is no difference.
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
    argocd.argoproj.io/sync-options: Prune=false,Delete=false
    argocd.argoproj.io/compare-options: IgnoreExtraneous
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
