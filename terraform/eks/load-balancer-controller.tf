# What AWS Load Balancer Controller v3.5.0, the chart's version, asks for:
# https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.5.0/docs/install/iam_policy.json
# Compare on each update of the chart. Written in the partition's ARNs, so that one policy serves all partitions.

locals {
  elb_arn = "arn:${local.partition}:elasticloadbalancing:*:*"

  load_balancers_and_target_groups = [
    "${local.elb_arn}:targetgroup/*/*",
    "${local.elb_arn}:loadbalancer/net/*/*",
    "${local.elb_arn}:loadbalancer/app/*/*",
  ]

  # Both tags are looked for with Null: "false" is there, "true" is not.
  tags_it   = { "aws:RequestTag/elbv2.k8s.aws/cluster" = "false" }
  has_tag   = { "aws:ResourceTag/elbv2.k8s.aws/cluster" = "false" }
  keeps_tag = { "aws:RequestTag/elbv2.k8s.aws/cluster" = "true", "aws:ResourceTag/elbv2.k8s.aws/cluster" = "false" }

  load_balancer_controller_statements = [
    {
      Sid       = "ServiceLinkedRole"
      Effect    = "Allow"
      Action    = "iam:CreateServiceLinkedRole"
      Resource  = "*"
      Condition = { StringEquals = { "iam:AWSServiceName" = "elasticloadbalancing.amazonaws.com" } }
    },
    {
      Sid    = "Describe"
      Effect = "Allow"
      Action = [
        "ec2:DescribeAccountAttributes",
        "ec2:DescribeAddresses",
        "ec2:DescribeAvailabilityZones",
        "ec2:DescribeCoipPools",
        "ec2:DescribeInstances",
        "ec2:DescribeInternetGateways",
        "ec2:DescribeIpamPools",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeTags",
        "ec2:DescribeVpcPeeringConnections",
        "ec2:DescribeVpcs",
        "ec2:GetCoipPoolUsage",
        "ec2:GetSecurityGroupsForVpc",
        "elasticloadbalancing:DescribeCapacityReservation",
        "elasticloadbalancing:DescribeListenerAttributes",
        "elasticloadbalancing:DescribeListenerCertificates",
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeLoadBalancerAttributes",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeRules",
        "elasticloadbalancing:DescribeSSLPolicies",
        "elasticloadbalancing:DescribeTags",
        "elasticloadbalancing:DescribeTargetGroupAttributes",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
        "elasticloadbalancing:DescribeTrustStores",
      ]
      Resource = "*"
    },
    {
      Sid    = "CertificatesAndFirewalls"
      Effect = "Allow"
      Action = [
        "acm:DescribeCertificate",
        "acm:ListCertificates",
        "cognito-idp:DescribeUserPoolClient",
        "iam:GetServerCertificate",
        "iam:ListServerCertificates",
        "shield:CreateProtection",
        "shield:DeleteProtection",
        "shield:DescribeProtection",
        "shield:GetSubscriptionState",
        "waf-regional:AssociateWebACL",
        "waf-regional:DisassociateWebACL",
        "waf-regional:GetWebACL",
        "waf-regional:GetWebACLForResource",
        "wafv2:AssociateWebACL",
        "wafv2:DisassociateWebACL",
        "wafv2:GetWebACL",
        "wafv2:GetWebACLForResource",
      ]
      Resource = "*"
    },
    {
      Sid      = "SecurityGroupRules"
      Effect   = "Allow"
      Action   = ["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"]
      Resource = "*"
    },
    {
      Sid      = "CreateSecurityGroups"
      Effect   = "Allow"
      Action   = "ec2:CreateSecurityGroup"
      Resource = "*"
    },
    {
      Sid      = "TagNewSecurityGroups"
      Effect   = "Allow"
      Action   = "ec2:CreateTags"
      Resource = "arn:${local.partition}:ec2:*:*:security-group/*"
      Condition = {
        StringEquals = { "ec2:CreateAction" = "CreateSecurityGroup" }
        Null         = local.tags_it
      }
    },
    {
      Sid       = "TagOwnSecurityGroups"
      Effect    = "Allow"
      Action    = ["ec2:CreateTags", "ec2:DeleteTags"]
      Resource  = "arn:${local.partition}:ec2:*:*:security-group/*"
      Condition = { Null = local.keeps_tag }
    },
    {
      Sid       = "ChangeOwnSecurityGroups"
      Effect    = "Allow"
      Action    = ["ec2:AuthorizeSecurityGroupIngress", "ec2:DeleteSecurityGroup", "ec2:RevokeSecurityGroupIngress"]
      Resource  = "*"
      Condition = { Null = local.has_tag }
    },
    {
      Sid       = "CreateLoadBalancers"
      Effect    = "Allow"
      Action    = ["elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:CreateTargetGroup"]
      Resource  = "*"
      Condition = { Null = local.tags_it }
    },
    {
      Sid    = "ListenersAndRules"
      Effect = "Allow"
      Action = [
        "elasticloadbalancing:CreateListener",
        "elasticloadbalancing:CreateRule",
        "elasticloadbalancing:DeleteListener",
        "elasticloadbalancing:DeleteRule",
      ]
      Resource = "*"
    },
    {
      Sid       = "TagOwnLoadBalancers"
      Effect    = "Allow"
      Action    = ["elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"]
      Resource  = local.load_balancers_and_target_groups
      Condition = { Null = local.keeps_tag }
    },
    {
      Sid    = "TagListenersAndRules"
      Effect = "Allow"
      Action = ["elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"]
      Resource = [
        "${local.elb_arn}:listener/net/*/*/*",
        "${local.elb_arn}:listener/app/*/*/*",
        "${local.elb_arn}:listener-rule/net/*/*/*",
        "${local.elb_arn}:listener-rule/app/*/*/*",
      ]
    },
    {
      Sid    = "ChangeOwnLoadBalancers"
      Effect = "Allow"
      Action = [
        "elasticloadbalancing:DeleteLoadBalancer",
        "elasticloadbalancing:DeleteTargetGroup",
        "elasticloadbalancing:ModifyCapacityReservation",
        "elasticloadbalancing:ModifyIpPools",
        "elasticloadbalancing:ModifyListenerAttributes",
        "elasticloadbalancing:ModifyLoadBalancerAttributes",
        "elasticloadbalancing:ModifyTargetGroup",
        "elasticloadbalancing:ModifyTargetGroupAttributes",
        "elasticloadbalancing:SetIpAddressType",
        "elasticloadbalancing:SetSecurityGroups",
        "elasticloadbalancing:SetSubnets",
      ]
      Resource  = "*"
      Condition = { Null = local.has_tag }
    },
    {
      Sid      = "TagNewLoadBalancers"
      Effect   = "Allow"
      Action   = "elasticloadbalancing:AddTags"
      Resource = local.load_balancers_and_target_groups
      Condition = {
        StringEquals = { "elasticloadbalancing:CreateAction" = ["CreateTargetGroup", "CreateLoadBalancer"] }
        Null         = local.tags_it
      }
    },
    {
      Sid      = "Targets"
      Effect   = "Allow"
      Action   = ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"]
      Resource = "${local.elb_arn}:targetgroup/*/*"
    },
    {
      Sid    = "ChangeListenersAndRules"
      Effect = "Allow"
      Action = [
        "elasticloadbalancing:AddListenerCertificates",
        "elasticloadbalancing:ModifyListener",
        "elasticloadbalancing:ModifyRule",
        "elasticloadbalancing:RemoveListenerCertificates",
        "elasticloadbalancing:SetRulePriorities",
        "elasticloadbalancing:SetWebAcl",
      ]
      Resource = "*"
    },
  ]
}
