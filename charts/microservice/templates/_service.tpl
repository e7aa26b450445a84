{{- define "microservice.service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .fullname }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- .labels | nindent 4 }}
  {{- with .Values.service.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  type: ClusterIP
  selector:
    {{- .selector | nindent 4 }}
  ports:
    {{- include "microservice.serviceports" . | trim | nindent 4 }}
{{- if eq .workloadKind "StatefulSet" }}
---
{{- /* Its pods get stable names from a Service of their own, so that load
       balancing and health checks stay with the plain one. */}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .fullname }}-headless
  namespace: {{ .Release.Namespace }}
  labels:
    {{- .labels | nindent 4 }}
    headless: "true"
spec:
  type: ClusterIP
  clusterIP: None
  publishNotReadyAddresses: true
  selector:
    {{- .selector | nindent 4 }}
  ports:
    {{- include "microservice.serviceports" . | trim | nindent 4 }}
{{- end }}
{{- end }}

{{- define "microservice.serviceports" -}}
{{- range .ports }}
- name: {{ .name }}
  port: {{ .port }}
  targetPort: {{ .name }}
  protocol: TCP
{{- end }}
{{- end }}
