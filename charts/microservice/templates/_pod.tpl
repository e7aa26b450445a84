{{- define "microservice.pod" -}}
metadata:
  labels:
    {{- .selector | nindent 4 }}
    {{- include "microservice.podLabels" . | nindent 4 }}
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with include "microservice.podAnnotations" . | trim }}
  annotations:
    {{- . | nindent 4 }}
  {{- end }}
spec:
  serviceAccountName: {{ .serviceAccountName }}
  automountServiceAccountToken: {{ .Values.serviceAccount.automountToken }}
  {{- /* Service links would add variables such as CATALOG_PORT that the apps could take for settings. */}}
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds | int64 }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    {{- /* To Helm a number is a fraction, and a large one would be written as 1e+06. */}}
    {{- $user := int64 .Values.runAsUser }}
    runAsNonRoot: true
    runAsUser: {{ $user }}
    runAsGroup: {{ $user }}
    fsGroup: {{ $user }}
    {{- /* Only a new volume is changed: a broker's cookie must stay its owner's alone. */}}
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile:
      type: RuntimeDefault
  containers:
    - {{ include "microservice.container" . | nindent 6 | trim }}
  volumes:
    {{- include "microservice.volumes" . | nindent 4 }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- include "microservice.topologyspread" . | nindent 2 }}
{{- end }}

{{/* The checksums make a changed ConfigMap or secret list roll the pods. */}}
{{- define "microservice.podAnnotations" -}}
{{- with .environment }}
checksum/config: {{ toJson . | sha256sum }}
{{- end }}
{{- with .secrets }}
checksum/secrets: {{ toJson . | sha256sum }}
{{- end }}
{{- if and .Values.metrics.enabled (eq .Values.metrics.type "annotations") }}
prometheus.io/scrape: "true"
prometheus.io/port: {{ (first .ports).containerPort | quote }}
prometheus.io/path: {{ .Values.metrics.path }}
{{- end }}
{{- with .Values.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "microservice.volumes" -}}
- name: tmp
  emptyDir:
    medium: Memory
    sizeLimit: {{ .Values.tmpSize }}
{{- if .secrets }}
- name: secrets
  csi:
    driver: secrets-store.csi.k8s.io
    readOnly: true
    volumeAttributes:
      secretProviderClass: {{ .fullname }}
{{- end }}
{{- if and .Values.storage.enabled (eq .workloadKind "Deployment") }}
- name: {{ .Values.storage.name }}
  persistentVolumeClaim:
    claimName: {{ .Values.storage.name }}
{{- end }}
{{- end }}

{{/* Spread is counted for each revision of a Deployment, or a rollout would count the pods it replaces. */}}
{{- define "microservice.topologyspread" -}}
{{- $ctx := . -}}
{{- if .Values.topologySpread.enabled -}}
topologySpreadConstraints:
  {{- range $key, $when := dict "topology.kubernetes.io/zone" .Values.topologySpread.zone "kubernetes.io/hostname" .Values.topologySpread.host }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: {{ $when }}
    labelSelector:
      matchLabels:
        {{- $ctx.selector | nindent 8 }}
    {{- if eq $ctx.workloadKind "Deployment" }}
    matchLabelKeys:
      - pod-template-hash
    {{- end }}
  {{- end }}
{{- end -}}
{{- end }}
