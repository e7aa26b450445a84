# A role that one service account of one cluster assumes, through EKS Pod Identity, and nobody else.

resource "aws_iam_role" "pod" {
  name        = var.name
  description = var.description

  # EKS puts the service account's name into tags of the session. Asking for them here keeps the role closed even if
  # somebody associates it with another service account.
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OneServiceAccount"
      Effect    = "Allow"
      Principal = { Service = "pods.eks.amazonaws.com" }
      Action    = ["sts:AssumeRole", "sts:TagSession"]
      Condition = {
        StringEquals = {
          "aws:SourceAccount"                         = var.account_id
          "aws:RequestTag/kubernetes-namespace"       = var.namespace
          "aws:RequestTag/kubernetes-service-account" = var.service_account
        }
        ArnEquals = { "aws:SourceArn" = var.cluster_arn }
      }
    }]
  })
}

resource "aws_iam_role_policy" "pod" {
  count = length(var.statements) > 0 ? 1 : 0

  name   = "pod"
  role   = aws_iam_role.pod.id
  policy = jsonencode({ Version = "2012-10-17", Statement = var.statements })
}

resource "aws_iam_role_policy_attachment" "pod" {
  for_each = var.managed_policy_arns

  role       = aws_iam_role.pod.name
  policy_arn = each.value
}

resource "aws_eks_pod_identity_association" "pod" {
  cluster_name    = var.cluster_name
  namespace       = var.namespace
  service_account = var.service_account
  role_arn        = aws_iam_role.pod.arn

  # A pod that starts between the association and the policies would keep failing until its next retry.
  depends_on = [aws_iam_role_policy.pod, aws_iam_role_policy_attachment.pod]
}
