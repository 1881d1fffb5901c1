terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

variable "region" {
  type        = string
  description = "Where everything runs."
  default     = "eu-central-1"
}

locals {
  name = "shop-${var.region}"
  tags = { project = "shop" }
}

# The queue that orders go through.
resource "aws_sqs_queue" "orders" {
  name                       = "${local.name}-orders"
  visibility_timeout_seconds = 60

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue" "dead" {
  name = "${local.name}-dead"
}

data "aws_caller_identity" "current" {}

module "network" {
  source = "./network"
  cidr   = "10.0.0.0/16"
}

output "queue_url" {
  value = aws_sqs_queue.orders.url
}
