{{/* What both pods share. Each takes the chart's root as `root` and "attacker" or "victim" as `role`. */}}

{{- define "simulation.labels" -}}
app.kubernetes.io/name: simulation
app.kubernetes.io/component: {{ .role }}
role: {{ .role }}
{{- end }}

{{- define "simulation.image" -}}
{{- $image := index .root.Values.images .role -}}
{{- $image.repository }}{{ with $image.tag }}:{{ . }}{{ end }}{{ with $image.digest }}@{{ . }}{{ end }}
{{- end }}

{{- define "simulation.placement" -}}
nodeSelector:
  {{- $architecture := ternary (dict "kubernetes.io/arch" .root.Values.architecture) dict (ne .root.Values.architecture "") }}
  {{- toYaml (merge (dict "kubernetes.io/os" "linux") $architecture .root.Values.nodeSelector) | nindent 2 }}
{{- with .root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
# The miner is copied from one pod to the other: both need one architecture. Each pod matches its own term, so either may be placed first.
affinity:
  podAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      - topologyKey: kubernetes.io/arch
        labelSelector: {matchLabels: {app.kubernetes.io/name: simulation}}
{{- end }}

{{- define "simulation.env" -}}
- {name: SIM_RUN, value: {{ .root.Values.runId | quote }}}
{{- $proxy := .root.Values.proxy }}
{{- if or $proxy.http $proxy.https }}
{{- range $name, $value := dict "http_proxy" $proxy.http "https_proxy" $proxy.https "no_proxy" $proxy.exclude }}
{{- if $value }}
- {name: {{ $name }}, value: {{ $value | quote }}}
- {name: {{ upper $name }}, value: {{ $value | quote }}}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "simulation.probe" -}}
initialDelaySeconds: 0
periodSeconds: 1
timeoutSeconds: 1
failureThreshold: 60
{{- end }}
