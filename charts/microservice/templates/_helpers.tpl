{{- define "microservice.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end }}

{{/*
At most 52 characters: a headless Service appends to it, and a StatefulSet's
pods bear a label of its name and eleven more. What a long release must give up
is its own end, or all services of one umbrella would have one name.
*/}}
{{- define "microservice.fullname" -}}
{{- $name := .Values.nameOverride | default .Chart.Name -}}
{{- if .Values.fullnameOverride -}}
  {{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
  {{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
  {{- $room := len $name | sub 51 | max 1 | int -}}
  {{- printf "%s-%s" (.Release.Name | trunc $room | trimSuffix "-") $name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{/* Selectors are immutable: never a version, a chart or a label from values. */}}
{{- define "microservice.selector" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "microservice.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ .selector }}
{{ include "microservice.podLabels" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* Without the chart's version, so that a new chart alone restarts no pod. */}}
{{- define "microservice.podLabels" -}}
app.kubernetes.io/version: {{ include "microservice.version" . | quote }}
{{- range $key, $value := .Values.commonLabels }}
{{ $key }}: {{ $value | quote }}
{{- end }}
{{- end }}

{{/* A label holds 63 characters of a tag's 128; a digest stands in for a missing tag. */}}
{{- define "microservice.version" -}}
{{- $digest := .Values.image.digest | trimPrefix "sha256:" | trunc 12 -}}
{{- .Values.image.tag | default $digest | trunc 63 | trimAll "-_." -}}
{{- end }}

{{- define "microservice.image" -}}
{{- .Values.image.repository -}}
{{- with .Values.image.tag }}:{{ . }}{{ end -}}
{{- with .Values.image.digest }}@{{ . }}{{ end -}}
{{- end }}

{{- define "microservice.region" -}}
{{- .Values.aws.region | default ((.Values.global).aws).region | default "" -}}
{{- end }}

{{/* The OTLP endpoint; empty means that telemetry is off. */}}
{{- define "microservice.collector" -}}
{{- .Values.openTelemetry.endpoint | default ((.Values.global).openTelemetry).endpoint | default "" -}}
{{- end }}

{{- define "microservice.collectorNamespace" -}}
{{- .Values.openTelemetry.namespace | default ((.Values.global).openTelemetry).namespace | default "" -}}
{{- end }}

{{/* A claim for each replica needs a StatefulSet; everything else is a Deployment. */}}
{{- define "microservice.workloadKind" -}}
{{- if and .Values.storage.enabled (eq .Values.storage.claim "PerReplica") -}}
StatefulSet
{{- else -}}
Deployment
{{- end -}}
{{- end }}

{{/* How many replicas there are at least. */}}
{{- define "microservice.minimum" -}}
{{- if .Values.autoscaling.enabled -}}
{{- .Values.autoscaling.minReplicas -}}
{{- else -}}
{{- .Values.replicaCount -}}
{{- end -}}
{{- end }}

{{- define "microservice.datastoreCidrs" -}}
{{- .Values.networkPolicy.datastoreCidrs | default ((.Values.global).networkPolicy).datastoreCidrs | default list | toJson -}}
{{- end }}

{{/* The port of a URL, which may leave it to its scheme. */}}
{{- define "microservice.urlPort" -}}
{{- $port := (urlParse .).host | regexFind ":[0-9]+$" | trimPrefix ":" -}}
{{- $port | default (hasPrefix "https:" . | ternary "443" "80") -}}
{{- end }}
