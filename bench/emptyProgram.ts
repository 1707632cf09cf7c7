import { Network } from "@pulumi/gcp/compute/network";
import { Router } from "@pulumi/gcp/compute/router";
import { RouterNat } from "@pulumi/gcp/compute/routerNat";
import { Subnetwork } from "@pulumi/gcp/compute/subnetwork";
import * as gcpContainer from "@pulumi/gcp/container";
import { AlertPolicy } from "@pulumi/gcp/monitoring/alertPolicy";
import { Dashboard } from "@pulumi/gcp/monitoring/dashboard";
import * as gcpOrganizations from "@pulumi/gcp/organizations";
import * as gcpProjects from "@pulumi/gcp/projects";
import * as gcpAccount from "@pulumi/gcp/serviceaccount";
import * as extensions from "@pulumi/kubernetes/apiextensions";
import * as registration from "@pulumi/kubernetes/apiregistration/v1";
import * as apps from "@pulumi/kubernetes/apps/v1";
import * as autoscaling from "@pulumi/kubernetes/autoscaling/v2";
import * as core from "@pulumi/kubernetes/core/v1";
import * as policy from "@pulumi/kubernetes/policy/v1";
import * as provider from "@pulumi/kubernetes/provider";
import * as rbac from "@pulumi/kubernetes/rbac/v1";

/** The same provider modules, the classes that the program uses touched (they load on first use), nothing made. */
const used = [
  Network,
  Subnetwork,
  Router,
  RouterNat,
  AlertPolicy,
  Dashboard,
  gcpContainer.Cluster,
  gcpContainer.NodePool,
  gcpOrganizations.getProjectOutput,
  gcpProjects.Service,
  gcpProjects.IAMMember,
  gcpAccount.Account,
  extensions.CustomResource,
  registration.APIService,
  apps.Deployment,
  autoscaling.HorizontalPodAutoscaler,
  core.Namespace,
  core.Secret,
  core.Service,
  core.ServiceAccount,
  policy.PodDisruptionBudget,
  provider.Provider,
  rbac.ClusterRole,
  rbac.ClusterRoleBinding,
  rbac.RoleBinding,
];

/** A program that makes nothing. */
export default () => ({ used: used.length });
