mock_provider "aws" {
  source          = "../testing"
  override_during = plan
}

run "one_service_account_and_nobody_else" {
  command = plan

  module {
    source = "../modules/pod-identity-role"
  }

  variables {
    name                = "retail-dev-eksdemo-orders"
    description         = "orders"
    cluster_name        = "retail-dev-eksdemo"
    cluster_arn         = "arn:aws:eks:us-east-1:111122223333:cluster/retail-dev-eksdemo"
    account_id          = "111122223333"
    namespace           = "retail-store"
    service_account     = "orders"
    statements          = [{ Effect = "Allow", Action = "sqs:SendMessage", Resource = "arn:aws:sqs:us-east-1:111122223333:orders" }]
    managed_policy_arns = { traces = "arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess" }
  }

  assert {
    condition = jsondecode(aws_iam_role.pod.assume_role_policy).Statement == [{
      Sid       = "OneServiceAccount"
      Effect    = "Allow"
      Principal = { Service = "pods.eks.amazonaws.com" }
      Action    = ["sts:AssumeRole", "sts:TagSession"]
      Condition = {
        StringEquals = {
          "aws:SourceAccount"                         = "111122223333"
          "aws:RequestTag/kubernetes-namespace"       = "retail-store"
          "aws:RequestTag/kubernetes-service-account" = "orders"
        }
        ArnEquals = { "aws:SourceArn" = "arn:aws:eks:us-east-1:111122223333:cluster/retail-dev-eksdemo" }
      }
    }]
    error_message = "the trust is narrowed to this account, cluster and service account"
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.pod[0].policy).Statement[0].Action == "sqs:SendMessage" && keys(aws_iam_role_policy_attachment.pod) == ["traces"]
    error_message = "the role may do what it was given"
  }
  assert {
    condition     = aws_eks_pod_identity_association.pod.role_arn == aws_iam_role.pod.arn && output.service_account == "retail-store/orders"
    error_message = "the service account is associated with the role"
  }
}

run "no_policy_without_statements" {
  command = plan

  module {
    source = "../modules/pod-identity-role"
  }

  variables {
    name            = "retail-dev-eksdemo-ui"
    description     = "ui"
    cluster_name    = "retail-dev-eksdemo"
    cluster_arn     = "arn:aws:eks:us-east-1:111122223333:cluster/retail-dev-eksdemo"
    account_id      = "111122223333"
    namespace       = "retail-store"
    service_account = "ui"
  }

  assert {
    condition     = length(aws_iam_role_policy.pod) == 0 && length(aws_iam_role_policy_attachment.pod) == 0
    error_message = "a role without statements may do nothing"
  }
}
