/*
 * A reference reader in C: the cost of the agent's reads without a JVM.
 *
 *   nvml-loop LIBRARY TICKS PERIOD_MS [fast|medium] [bare]
 *
 * Every tick reads every device as the agent does at that cadence: the calls of a table below, in the order and with the
 * field ids of NvmlDevice's readers (FastFields, PowerReader, PowerWindowReader, ActivityReader, ThermalReader, ClockReader,
 * LoadReader; MediumFields, FabricReader); the
 * test SameCallsTest of the module benchmarks compares how often each function is called, not order or field ids. A period of 0 means back to back. Prints one line of JSON:
 * wall and processor time, and count, mean, longest duration and last bad result of each call; with "bare", calls are
 * made and nothing is measured of them. Works with the real library as well as with the simulated one.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "abi.h"
#include "abi_activity.h"

#define MAX_DEVICES 64

enum { SCOPE_GPU, SCOPE_MODULE, SCOPE_MEMORY };

struct field {
    unsigned id, scope;
};

static const struct field fast_batch[] = {
    {185, SCOPE_GPU}, {185, SCOPE_MODULE}, {185, SCOPE_MEMORY}, /* power, 1-s average */
    {83, 0},                                                    /* energy */
    {82, 0},                                                    /* memory temperature */
    {74, 0}, {76, 0}, {269, 0}, {270, 0}, {271, 0},             /* nanoseconds under each clock event reason */
    {186, SCOPE_GPU}, {186, SCOPE_MODULE}, {186, SCOPE_MEMORY}, /* power now */
    {197, 0}, {198, 0},                                         /* bytes over PCIe */
};

static const struct field medium_batch[] = {
    {230, 0},                                                   /* recovery action */
    {190, SCOPE_GPU}, {192, SCOPE_GPU}, {189, SCOPE_GPU}, {187, SCOPE_GPU}, {188, SCOPE_GPU}, /* limits */
    {190, SCOPE_MODULE}, {192, SCOPE_MODULE}, {189, SCOPE_MODULE}, {187, SCOPE_MODULE}, {188, SCOPE_MODULE},
};

#define LENGTH(array) ((int)(sizeof(array) / sizeof *(array)))
#define MOST_FIELDS 16

/* Filled once, as the agent fills its block once: the library writes beside the ids only. */
static nvmlFieldValue_t values[MOST_FIELDS];

static void fill(const struct field *fields, int count) {
    memset(values, 0, sizeof values);
    for (int i = 0; i < count; i++) {
        values[i].fieldId = fields[i].id;
        values[i].scopeId = fields[i].scope;
    }
}

typedef void (*symbol)(void);

static nvmlReturn_t read_fields(symbol function, nvmlDevice_t device, unsigned count) {
    return ((nvmlReturn_t(*)(nvmlDevice_t, int, nvmlFieldValue_t *))function)(device, (int)count, values);
}

/* Calls of the form (device, out): the argument is a version word to put into the first four bytes, or 0. */
static nvmlReturn_t read_one(symbol function, nvmlDevice_t device, unsigned version) {
    union {
        unsigned version;
        unsigned long long room[16];
    } out = {.room = {0}};
    out.version = version;
    return ((nvmlReturn_t(*)(nvmlDevice_t, void *))function)(device, &out);
}

/* Calls of the form (device, selector, out). */
static nvmlReturn_t read_selected(symbol function, nvmlDevice_t device, unsigned selector) {
    unsigned out;
    return ((nvmlReturn_t(*)(nvmlDevice_t, unsigned, unsigned *))function)(device, selector, &out);
}

/* The driver's buffer: what is new since the last time. One for each device in turn. */
static nvmlReturn_t read_samples(symbol function, nvmlDevice_t device, unsigned type) {
    static nvmlSample_t samples[1024];
    static struct {
        nvmlDevice_t device;
        unsigned long long last;
    } seen[MAX_DEVICES];
    unsigned value_type, count = LENGTH(samples), at = 0;
    while (seen[at].device && seen[at].device != device)
        at++;
    seen[at].device = device;
    nvmlReturn_t result = ((nvmlReturn_t(*)(nvmlDevice_t, unsigned, unsigned long long, unsigned *, unsigned *,
                                            nvmlSample_t *))function)(device, type, seen[at].last, &value_type, &count, samples);
    for (unsigned i = 0; result == NVML_SUCCESS && i < count; i++)
        if (samples[i].timeStamp > seen[at].last)
            seen[at].last = samples[i].timeStamp;
    return result == NVML_ERROR_NOT_FOUND ? NVML_SUCCESS : result;
}

/* GPM: two samples a device, taken in turn. */
static struct {
    nvmlDevice_t device;
    nvmlGpmSample_t older, newer;
    unsigned taken;
} gpm[MAX_DEVICES];

static int gpm_of(nvmlDevice_t device) {
    int at = 0;
    while (gpm[at].device != device)
        at++;
    return at;
}

static nvmlReturn_t take_sample(symbol function, nvmlDevice_t device, unsigned unused) {
    (void)unused;
    int at = gpm_of(device);
    nvmlReturn_t result = ((nvmlReturn_t(*)(nvmlDevice_t, nvmlGpmSample_t))function)(device, gpm[at].older);
    nvmlGpmSample_t taken = gpm[at].older;
    gpm[at].older = gpm[at].newer;
    gpm[at].newer = taken;
    gpm[at].taken++;
    return result;
}

static nvmlReturn_t compute_metrics(symbol function, nvmlDevice_t device, unsigned unused) {
    static const unsigned ids[] = {1, 2, 5, 11, 12, 13, 4, 10};
    static nvmlGpmMetricsGet_t get;
    (void)unused;
    int at = gpm_of(device);
    if (gpm[at].taken < 2)
        return NVML_SUCCESS;
    get.version = GPM_VERSION;
    get.numMetrics = LENGTH(ids);
    get.sample1 = gpm[at].older;
    get.sample2 = gpm[at].newer;
    for (int i = 0; i < LENGTH(ids); i++)
        get.metrics[i].metricId = ids[i];
    return ((nvmlReturn_t(*)(nvmlGpmMetricsGet_t *))function)(&get);
}

struct call {
    const char *label, *function;
    nvmlReturn_t (*read)(symbol, nvmlDevice_t, unsigned);
    unsigned argument;
    symbol address;
    unsigned long long count, total_ns, longest_ns;
    nvmlReturn_t last_failure;
};

/* One row a call of the tick; a symbol that the library lacks is skipped. */
static struct call fast_calls[] = {
    {"fields15", "nvmlDeviceGetFieldValues", read_fields, LENGTH(fast_batch), 0, 0, 0, 0, 0},
    {"power_samples", "nvmlDeviceGetSamples", read_samples, 0, 0, 0, 0, 0, 0},
    {"gpm_sample", "nvmlGpmSampleGet", take_sample, 0, 0, 0, 0, 0, 0},
    {"gpm_metrics", "nvmlGpmMetricsGet", compute_metrics, 0, 0, 0, 0, 0, 0},
    {"temperature", "nvmlDeviceGetTemperatureV", read_one, STRUCT_VERSION(nvmlTemperature_t, 1), 0, 0, 0, 0, 0},
    {"margin", "nvmlDeviceGetMarginTemperature", read_one, STRUCT_VERSION(nvmlMarginTemperature_t, 1), 0, 0, 0, 0, 0},
    {"clock_graphics", "nvmlDeviceGetClockInfo", read_selected, 0, 0, 0, 0, 0, 0},
    {"clock_sm", "nvmlDeviceGetClockInfo", read_selected, 1, 0, 0, 0, 0, 0},
    {"clock_memory", "nvmlDeviceGetClockInfo", read_selected, 2, 0, 0, 0, 0, 0},
    {"clock_video", "nvmlDeviceGetClockInfo", read_selected, 3, 0, 0, 0, 0, 0},
    {"clocks_event_reasons", "nvmlDeviceGetCurrentClocksEventReasons", read_one, 0, 0, 0, 0, 0, 0},
    {"utilization", "nvmlDeviceGetUtilizationRates", read_one, 0, 0, 0, 0, 0, 0},
};

static struct call medium_calls[] = {
    {"fields11", "nvmlDeviceGetFieldValues", read_fields, LENGTH(medium_batch), 0, 0, 0, 0, 0},
    {"fabric", "nvmlDeviceGetGpuFabricInfoV", read_one, STRUCT_VERSION(nvmlGpuFabricInfo_v3_t, 3), 0, 0, 0, 0, 0},
    {"memory", "nvmlDeviceGetMemoryInfo_v2", read_one, STRUCT_VERSION(nvmlMemory_v2_t, 2), 0, 0, 0, 0, 0},
};

static struct call *calls = fast_calls;
static struct call *calls_end = fast_calls + LENGTH(fast_calls);
static bool bare;

static void choose_medium(void) {
    calls = medium_calls;
    calls_end = medium_calls + LENGTH(medium_calls);
}

static unsigned long long now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned long long)now.tv_sec * 1000000000 + (unsigned long long)now.tv_nsec;
}

static void fail(const char *what, const char *why) {
    fprintf(stderr, "nvml-loop: %s: %s\n", what, why);
    exit(1);
}

static symbol find(void *library, const char *name) {
    symbol address;
    *(void **)&address = dlsym(library, name);
    return address;
}

static symbol need(void *library, const char *name) {
    symbol address = find(library, name);
    if (!address)
        fail(name, "missing in the library");
    return address;
}

static void check(const char *what, nvmlReturn_t result) {
    char why[32];
    snprintf(why, sizeof why, "code %d", result);
    if (result != NVML_SUCCESS)
        fail(what, why);
}

static unsigned open_devices(void *library, nvmlDevice_t *devices) {
    unsigned count = 0;
    check("nvmlInit_v2", ((nvmlReturn_t(*)(void))need(library, "nvmlInit_v2"))());
    check("nvmlDeviceGetCount_v2", ((nvmlReturn_t(*)(unsigned *))need(library, "nvmlDeviceGetCount_v2"))(&count));
    count = count < MAX_DEVICES ? count : MAX_DEVICES;
    symbol by_index = need(library, "nvmlDeviceGetHandleByIndex_v2");
    for (unsigned i = 0; i < count; i++)
        check("nvmlDeviceGetHandleByIndex_v2", ((nvmlReturn_t(*)(unsigned, nvmlDevice_t *))by_index)(i, &devices[i]));
    return count;
}

/* As the agent does it once a device; a device that has no GPM is left out of the calls by having no function. */
static void open_gpm(void *library, nvmlDevice_t device, unsigned at) {
    nvmlGpmSupport_t support = {.version = GPM_VERSION};
    symbol query = find(library, "nvmlGpmQueryDeviceSupport"), allocate = find(library, "nvmlGpmSampleAlloc");
    gpm[at].device = device;
    if (!query || !allocate || ((nvmlReturn_t(*)(nvmlDevice_t, nvmlGpmSupport_t *))query)(device, &support) != NVML_SUCCESS ||
        !support.isSupportedDevice) {
        for (struct call *call = calls; call < calls_end; call++)
            if (call->read == take_sample || call->read == compute_metrics)
                call->address = NULL;
        return;
    }
    check("nvmlGpmSampleAlloc", ((nvmlReturn_t(*)(nvmlGpmSample_t *))allocate)(&gpm[at].older));
    check("nvmlGpmSampleAlloc", ((nvmlReturn_t(*)(nvmlGpmSample_t *))allocate)(&gpm[at].newer));
}

static void make(struct call *call, nvmlDevice_t device) {
    if (!call->address)
        return;
    if (bare) {
        call->read(call->address, device, call->argument);
        call->count++;
        return;
    }
    unsigned long long began = now_ns();
    nvmlReturn_t result = call->read(call->address, device, call->argument);
    unsigned long long took = now_ns() - began;
    call->count++;
    call->total_ns += took;
    if (took > call->longest_ns)
        call->longest_ns = took;
    if (result != NVML_SUCCESS)
        call->last_failure = result;
}

static void sleep_until(unsigned long long deadline_ns) {
    struct timespec until = {.tv_sec = (time_t)(deadline_ns / 1000000000), .tv_nsec = (long)(deadline_ns % 1000000000)};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

static double seconds(struct timeval time) { return (double)time.tv_sec + (double)time.tv_usec / 1e6; }

int main(int argc, char **argv) {
    bool medium = argc > 4 && strcmp(argv[4], "medium") == 0;
    bare = argc > 5 && strcmp(argv[5], "bare") == 0;
    if (argc < 4 || argc > 6 || (argc > 4 && !medium && strcmp(argv[4], "fast") != 0) || (argc > 5 && !bare)) {
        fprintf(stderr, "usage: nvml-loop LIBRARY TICKS PERIOD_MS [fast|medium] [bare]\n");
        return 2;
    }
    if (medium)
        choose_medium();
    fill(medium ? medium_batch : fast_batch, medium ? LENGTH(medium_batch) : LENGTH(fast_batch));
    unsigned long long ticks = strtoull(argv[2], NULL, 10), period_ns = strtoull(argv[3], NULL, 10) * 1000000;
    void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (!library)
        fail(argv[1], dlerror());
    nvmlDevice_t devices[MAX_DEVICES];
    unsigned count = open_devices(library, devices);
    for (struct call *call = calls; call < calls_end; call++)
        call->address = find(library, call->function);
    for (unsigned i = 0; i < count && !medium; i++)
        open_gpm(library, devices[i], i);

    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    unsigned long long began = now_ns();
    for (unsigned long long tick = 0; tick < ticks; tick++) {
        for (unsigned i = 0; i < count; i++)
            for (struct call *call = calls; call < calls_end; call++)
                make(call, devices[i]);
        if (period_ns > 0 && tick + 1 < ticks)
            sleep_until(began + (tick + 1) * period_ns);
    }
    double wall = (double)(now_ns() - began) / 1e9;
    getrusage(RUSAGE_SELF, &after);
    symbol release = find(library, "nvmlGpmSampleFree");
    for (unsigned i = 0; i < count && release && gpm[i].newer; i++) {
        ((nvmlReturn_t(*)(nvmlGpmSample_t))release)(gpm[i].older);
        ((nvmlReturn_t(*)(nvmlGpmSample_t))release)(gpm[i].newer);
    }
    ((nvmlReturn_t(*)(void))need(library, "nvmlShutdown"))();

    double user = seconds(after.ru_utime) - seconds(before.ru_utime);
    double system = seconds(after.ru_stime) - seconds(before.ru_stime);
    printf("{\"ticks\":%llu,\"period_ms\":%llu,\"devices\":%u,\"wall_s\":%.6f,\"cpu_user_s\":%.6f,\"cpu_system_s\":%.6f,"
           "\"cpu_us_per_tick\":%.2f,\"calls\":{",
           ticks, period_ns / 1000000, count, wall, user, system, ticks ? (user + system) * 1e6 / (double)ticks : 0);
    for (struct call *call = calls; call < calls_end; call++)
        printf("%s\"%s\":{\"count\":%llu,\"mean_us\":%.3f,\"max_us\":%.1f,\"last_failure\":%d}", call > calls ? "," : "",
               call->label, call->count, call->count ? (double)call->total_ns / 1e3 / (double)call->count : 0,
               (double)call->longest_ns / 1e3, call->last_failure);
    printf("}}\n");
    return 0;
}
