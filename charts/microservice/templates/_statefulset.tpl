{{/*
What a StatefulSet alone has. The replicas don't depend on one another, so they
start together. Claim templates are immutable: they carry the selector's labels
only.
*/}}
{{- define "microservice.statefulset" -}}
serviceName: {{ .fullname }}-headless
podManagementPolicy: Parallel
updateStrategy:
  type: RollingUpdate
persistentVolumeClaimRetentionPolicy:
  whenDeleted: Retain
  whenScaled: Retain
volumeClaimTemplates:
  - apiVersion: v1
    kind: PersistentVolumeClaim
    metadata:
      name: {{ .Values.storage.name }}
      labels:
        {{- .selector | nindent 8 }}
    spec:
      {{- include "microservice.claim" . | nindent 6 }}
{{- end }}
