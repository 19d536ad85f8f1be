#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/where.h"
#include "rules/where.h"

#define K3S " In the config.yaml of k3s: "

static const struct {
	const char *fix;
	struct {
		enum ds_source_kind kind;
		enum ds_component component;
		const char *flag; /* NULL: no place */
	} at[2];
	const char *want;
} cases[] = {
	{"Do it.", {{DS_SOURCE_K3S, DS_KUBELET, "--node-ip"}}, "Do it." K3S "node-ip."},
	{"Do it.", {{DS_SOURCE_PS, DS_KUBELET, "--node-ip"}}, "Do it."},
	{"Do it.", {{DS_SOURCE_K3S, DS_KUBELET, NULL}}, "Do it."},
	{"Set --node-cidr-mask-size-ipv6=69.", {{DS_SOURCE_K3S, DS_KUBE_PROXY, "--cluster-cidr"}},
	 "Set --node-cidr-mask-size-ipv6=69." K3S "kube-controller-manager-arg, cluster-cidr."},
	/* A flag of several components is the one's at whose place it stands, else the one's that the fix names. */
	{"Remove it from --feature-gates of kube-proxy.", {{DS_SOURCE_K3S, DS_KUBELET, "--feature-gates"}},
	 "Remove it from --feature-gates of kube-proxy." K3S "kubelet-arg."},
	{"Set --bind-address of kube-proxy, and --- and --no-such-flag.", {{DS_SOURCE_K3S, DS_KUBELET, "--node-ip"}},
	 "Set --bind-address of kube-proxy, and --- and --no-such-flag." K3S "kube-proxy-arg, node-ip."},
	{"Same.", {{DS_SOURCE_K3S, DS_KUBE_APISERVER, "--service-cluster-ip-range"},
		   {DS_SOURCE_KIND_CLUSTER, DS_KUBE_APISERVER, "--service-cluster-ip-range"}},
	 "Same." K3S "service-cidr; in the kind configuration: networking.serviceSubnet."},
};

static void names_the_fields(void **state)
{
	struct ds_ctx ctx;

	(void)state;
	assert_int_equal(ds_ctx_init(&ctx, 0), 0);
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++) {
		struct ds_finding f = {.fix = cases[i].fix};

		for (size_t k = 0; k < DS_ARRAY_SIZE(cases[i].at) && cases[i].at[k].flag; k++) {
			f.locations[k].flag = cases[i].at[k].flag;
			f.locations[k].where = ds_where_find(cases[i].at[k].kind, cases[i].at[k].component,
							     ds_str_from(cases[i].at[k].flag + 2));
			f.n_locations++;
		}
		assert_int_equal(ds_finding_where(ctx.arena, &f), 0);
		assert_string_equal(f.fix, cases[i].want);
	}
	ds_ctx_done(&ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_the_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
