output "role_arn" {
  description = "ARN of the role"
  # Known only once the association is there: what waits for the role then starts with the role in place.
  value = aws_iam_role.pod.arn

  depends_on = [aws_eks_pod_identity_association.pod]
}

output "role_name" {
  description = "Name of the role"
  value       = aws_iam_role.pod.name
}

output "service_account" {
  description = "Service account, as NAMESPACE/NAME"
  value       = "${aws_eks_pod_identity_association.pod.namespace}/${aws_eks_pod_identity_association.pod.service_account}"
}
