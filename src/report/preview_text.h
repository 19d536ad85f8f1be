#ifndef DS_REPORT_PREVIEW_TEXT_H
#define DS_REPORT_PREVIEW_TEXT_H

#include "report/json.h"
#include "report/pen.h"
#include "report/preview_run.h"

/* The writers of a run; `writer` is handed to it, the rest is zero but for out and options. */
struct ds_preview_text_writer {
	struct ds_preview_writer writer;
	struct ds_out *out;
	struct ds_text_options options;
	bool explain;
	struct ds_pen pen;
	const struct ds_preview_run *run;
	bool in_brief;                    /* the last one was written on a line */
	size_t full, brief;               /* Services written so far: in full, on a line */
	size_t more_full, more_brief;     /* left out because there are too many */
	size_t more_refused;              /* of more_full */
};
void ds_preview_text_writer(struct ds_preview_text_writer *w, struct ds_out *out, const struct ds_text_options *o,
			    bool explain);

struct ds_preview_json_writer {
	struct ds_preview_writer writer;
	struct ds_out *out;
	struct ds_json json;
};
void ds_preview_json_writer(struct ds_preview_json_writer *w, struct ds_out *out);

#endif
