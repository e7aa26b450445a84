{{/* It gives replicas back slowly: a lull between two peaks must not cost a scale-up. */}}
{{- define "microservice.horizontalpodautoscaler" -}}
{{- if .Values.autoscaling.enabled -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ .fullname }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- .labels | nindent 4 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: {{ .workloadKind }}
    name: {{ .fullname }}
  minReplicas: {{ .Values.autoscaling.minReplicas }}
  maxReplicas: {{ .Values.autoscaling.maxReplicas }}
  metrics:
    {{- range $resource, $target := dict "cpu" .Values.autoscaling.targetCPU "memory" .Values.autoscaling.targetMemory }}
    - type: Resource
      resource:
        name: {{ $resource }}
        target:
          type: Utilization
          averageUtilization: {{ $target }}
    {{- end }}
  behavior:
    scaleDown:
      stabilizationWindowSeconds: {{ .Values.autoscaling.scaleDown.stabilizationSeconds }}
      policies:
        - type: Pods
          value: {{ .Values.autoscaling.scaleDown.podsPerMinute }}
          periodSeconds: 60
{{- end -}}
{{- end }}
