"""What invented firms buy: providers and how they bill, services and how often they are used."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Provider:
    """How a cloud bills. formats: the export's format from a month of the year on; taxed: rows of tax, or inside."""

    id: str
    name: str
    issuer: str
    currency: str
    share: float
    formats: tuple[tuple[int, str], ...]
    regions: tuple[str, ...]
    taxed: str = "rows"

    def format(self, month_of_year: int) -> str:
        """The format this provider exports in a month of the year."""
        return next(name for since, name in reversed(self.formats) if month_of_year >= since)


PROVIDERS = (
    Provider("alibaba-cloud", "Alibaba Cloud", "Alibaba Cloud", "CNY", 0.40, ((1, "focus-1.0"), (7, "focus-1.2")),
             ("cn-hangzhou", "cn-shanghai", "cn-beijing")),
    Provider("tencent-cloud", "Tencent Cloud", "Tencent Cloud", "CNY", 0.22, ((1, "focus-1.1"),),
             ("ap-shanghai", "ap-guangzhou"), "inside"),
    Provider("huawei-cloud", "Huawei Cloud", "Huawei Cloud", "CNY", 0.13, ((1, "focus-1.3"),),
             ("cn-east-3", "cn-north-4")),
    Provider("aws", "AWS", "Amazon Web Services, Inc.", "USD", 0.12, ((1, "aws-cur"), (7, "aws-cur-2")),
             ("ap-northeast-1", "us-west-2", "eu-west-1")),
    Provider("microsoft", "Microsoft", "Microsoft", "EUR", 0.03, ((1, "focus-1.2"),), ("westeurope", "eastasia")),
    Provider("lakeside-cloud-partners", "Alibaba Cloud", "Lakeside Cloud Partners", "CNY", 0.10, ((1, "focus-1.4"),),
             ("cn-hangzhou", "cn-shanghai")),
)
RELATED_SELLER = "Reedbank Cloud Trading"
BY_ID = {provider.id: provider for provider in PROVIDERS}


@dataclass(frozen=True)
class Service:
    """A service: its FOCUS category and subcategory, its name with providers, and its weight by kind of firm."""

    category: str
    subcategory: str
    name: str
    aws: str
    weight: float
    ai_weight: float


SERVICES = (
    Service("Compute", "Virtual Machines", "Elastic Compute", "AmazonEC2", 0.38, 0.16),
    Service("Compute", "Containers", "Container Service", "AmazonEKS", 0.05, 0.04),
    Service("Compute", "Serverless Compute", "Function Compute", "AWSLambda", 0.02, 0.01),
    Service("Storage", "Object Storage", "Object Storage", "AmazonS3", 0.13, 0.08),
    Service("Storage", "Block Storage", "Block Storage", "AmazonEBS", 0.08, 0.04),
    Service("Networking", "Content Delivery", "Content Delivery", "AmazonCloudFront", 0.09, 0.03),
    Service("Networking", "Network Infrastructure", "Load Balancing", "AWSELB", 0.05, 0.02),
    Service("Databases", "Relational Databases", "Relational Database", "AmazonRDS", 0.07, 0.04),
    Service("Databases", "Caching", "Memory Cache", "AmazonElastiCache", 0.02, 0.01),
    Service("AI and Machine Learning", "Generative AI", "Model Service", "AmazonBedrock", 0.02, 0.20),
    Service("AI and Machine Learning", "Machine Learning", "AI Platform", "AmazonSageMaker", 0.01, 0.35),
    Service("Management and Governance", "Observability", "Cloud Monitor", "AmazonCloudWatch", 0.06, 0.01),
    Service("Security", "Network Security", "Web Firewall", "awswaf", 0.02, 0.01),
)
GPU = Service("Compute", "Virtual Machines", "GPU Compute", "AmazonEC2", 0.0, 0.0)
SUPPORT = Service("Other", "Other (Other)", "Enterprise Support", "AWSSupportBusiness", 0.0, 0.0)
MARKETPLACE = Service("Other", "Other (Other)", "Render Suite", "Render Suite", 0.0, 0.0)
MARKETPLACE_SELLER = "Lotus Software House"
