/* Kubernetes 1.20 to 1.22: validation first, other rules, other words. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "service_case.h"

static void gate_off(void **state)
{
	static const struct service_case cases[] = {
	    {"dual-stack fields are dropped",
	     20, "v4",
	     NULL, "{ipFamilyPolicy: RequireDualStack, ipFamilies: [IPv6], ports: [{port: 80}]}",
	     "ok - - <IPv4>",									    {0}},
	    {"a given address",
	     20, "v4",
	     NULL, "{clusterIP: \"10.96.0.9\", ports: [{port: 80}]}",
	     "ok - - 10.96.0.9",									 {0}},
	    {"a second address is dropped",
	     20, "v4",
	     NULL, "{clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9, \"fd00::9\"], ports: [{port: 80}]}",
	     "ok - - 10.96.0.9",									 {0}},
	    {"another family",
	     20, "v4",
	     NULL, "{clusterIP: \"fd00::9\", ports: [{port: 80}]}",
	     "422 spec.clusterIPs: Invalid value: []string{\"fd00::9\"}: failed to allocated ip:fd00::9 "
	     "with error:provided IP is not in the valid range. The range of valid IPs is 10.96.0.0/16", {0}},
	};

	(void)state;
	SERVICE_CHECK(cases);
}

static void gate_on(void **state)
{
	static const struct service_case cases[] = {
	    {"default",			    21, "v6v4", NULL, "{ports: [{port: 80}]}",								   "ok SingleStack IPv6 <IPv6>",     {0}},
	    {"two families mean RequireDualStack",
	     21,				       "v4v6",
	     NULL,						   "{ipFamilies: [IPv6, IPv4], ports: [{port: 80}]}",
	     "ok RequireDualStack IPv6,IPv4 <IPv6>,<IPv4>",																       {0}},
	    {"two addresses too",
	     22,				       "v4v6",
	     NULL,						   "{clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9, \"fd00:10:96::9\"], ports: [{port: 80}]}",
	     "ok RequireDualStack IPv4,IPv6 10.96.0.9,fd00:10:96::9",															     {0}},
	    {"not two families for SingleStack",
	     21,				       "v4v6",
	     NULL,						   "{ipFamilyPolicy: SingleStack, ipFamilies: [IPv6, IPv4], ports: [{port: 80}]}",
	     "422 spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be RequireDualStack or "
	     "PreferDualStack when multiple 'ipFamilies' are specified",															  {0}},
	    {"not configured",
	     21,				       "v4",
	     NULL,						   "{ipFamilyPolicy: RequireDualStack, ipFamilies: [IPv6], ports: [{port: 80}]}",
	     "422 [spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": Cluster is not configured "
	     "for dual stack services, spec.ipFamilies[0]: Invalid value: []string(nil): ipfamily IPv6 "
	     "is not configured on cluster]",																		     {0}},
	    {"address of a missing family",
	     21,				       "v4",
	     NULL,						   "{clusterIP: \"fd00::9\", ports: [{port: 80}]}",
	     "422 spec.clusterIPs[0]: Invalid value: []string{\"fd00::9\"}: may not use IPv6 on a "
	     "cluster which is not configured for it",																	    {0}},
	    /* rest.go:tryDefaultValidateServiceClusterIPFields asks of an address whose family is not given */
	    {"address and family that are missing",
	     21, "v4",
	     NULL, "{clusterIP: \"fd00::9\", ipFamilies: [IPv6], ports: [{port: 80}]}",
	     "422 spec.ipFamilies[0]: Invalid value: []string{\"fd00::9\"}: ipfamily IPv6 is not configured on cluster", {0}},
	    {"headless without a selector",
	     21,				       "v4",
	     NULL,						   "{clusterIP: None, ipFamilyPolicy: PreferDualStack, ports: [{port: 80}]}",
	     "ok PreferDualStack IPv4,IPv6 None",																		 {0}},
	    {"validation comes first",             21, "v4",   NULL, "{ipFamilies: [IPv6]}",                                                                    "422 spec.ports: Required value", {0}},
	    {"words of the list checks",
	     21,				       "v4",
	     NULL,						   "{clusterIPs: [10.96.0.9], ports: [{port: 80}]}",
	     "422 spec.clusterIPs: Invalid value: []string{\"10.96.0.9\"}: must be empty when clusterIP "
	     "is empty",																					  {0}},
	    {"external policy on ClusterIP",
	     21,				       "v4",
	     NULL,						   "{externalTrafficPolicy: Local, ports: [{port: 80}]}",
	     "422 spec.externalTrafficPolicy: Invalid value: \"Local\": ExternalTrafficPolicy can only "
	     "be set on NodePort and LoadBalancer service",																       {0}},
	};

	(void)state;
	SERVICE_CHECK(cases);
}

static void updates(void **state)
{
	static const struct service_case cases[] = {
	    {"an omitted address is missed",
	     21, "v4",
	     "{type: ClusterIP, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], "
	     "ipFamilyPolicy: SingleStack, ports: [{port: 80}]}",			       "{ports: [{port: 80}]}",
	     "422 [spec.clusterIPs[0]: Invalid value: []string(nil): primary clusterIP can not be unset, "
	     "spec.ipFamilies[0]: Invalid value: []core.IPFamily(nil): primary ipFamily can not be unset]",														 {0}},
	    {"and kept from 1.22",
	     22, "v4",
	     "{type: ClusterIP, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], "
	     "ipFamilyPolicy: SingleStack, ports: [{port: 80}]}",			       "{ports: [{port: 80}]}",
	     "ok SingleStack IPv4 10.96.0.9",																					       {0}},
	    {"downgrade",
	     21, "v4v6",
	     "{type: ClusterIP, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9, \"fd00:10:96::9\"], "
	     "ipFamilies: [IPv4, IPv6], ipFamilyPolicy: PreferDualStack, ports: [{port: 80}]}", "{type: ClusterIP, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9, \"fd00:10:96::9\"], "
	     "ipFamilies: [IPv4, IPv6], ipFamilyPolicy: SingleStack, ports: [{port: 80}]}", "ok SingleStack IPv4 10.96.0.9",
	     {0}																									       },
	    {"from ExternalName",
	     22, "v4v6",
	     "{type: ExternalName, externalName: example.com, ports: [{port: 80}]}",            "{ipFamilyPolicy: PreferDualStack, ports: [{port: 80}]}",
	     "ok PreferDualStack IPv4,IPv6 <IPv4>,<IPv6>",																				  {0}},
	};

	(void)state;
	SERVICE_CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gate_off),
	    cmocka_unit_test(gate_on),
	    cmocka_unit_test(updates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
