/*
 * The physics, advanced lazily: every observation first brings its device up to now.
 *
 *   demand  = idle + load * (max - idle)
 *   target  = min(demand, enforced limit)           SW power cap (0x4) while demand > limit
 *   power  -> target, first-order lag tau_power     energy = integral of power
 *   temperature -> ambient + k * power, first-order lag tau_temperature
 *   margin  = temperature limit - temperature       SW thermal slowdown (0x20) while margin <= 0: demand falls to 70 %
 *
 *   what GPM measures = a fixed share of load each, see activity_shares
 *   module power = that of its GPUs, taken to be alike, and of the rest of the module
 *
 * power_mw stands for the 1-s average of NVML field 185: the lag is that average, so power_mw and power_instant_mw are
 * the same number unless one is set.
 */
#include <math.h>
#include <string.h>

#include "world.h"

#define GRID_NS 1000000LL     /* finer steps of time cost more than they show */
#define STEP_NS 50000000LL    /* longest step of the integration... */
#define MOST_STEPS 400        /* ...unless a device was not looked at for long */
#define SAMPLE_NS 100000000LL

const struct key_row key_rows[KEY_COUNT] = {
#define K(name, kind, behaviour) {#name, kind, behaviour},
    KEYS(K)
#undef K
};

static const struct {
    enum key key;
    uint64_t bit;
} reason_counters[] = {
    {KEY_reason_ns_sw_power_cap, REASON_SW_POWER_CAP},     {KEY_reason_ns_sync_boost, REASON_SYNC_BOOST},
    {KEY_reason_ns_sw_thermal, REASON_SW_THERMAL},         {KEY_reason_ns_hw_thermal, REASON_HW_THERMAL},
    {KEY_reason_ns_hw_power_brake, REASON_HW_POWER_BRAKE},
};

int key_by_name(const char *name) {
    for (int key = 0; key < KEY_COUNT; key++)
        if (strcmp(key_rows[key].name, name) == 0)
            return key;
    return -1;
}

enum key ecc_key(bool aggregate, bool uncorrected, bool sram) {
    return KEY_ecc_volatile_corrected_dram + aggregate * 4 + uncorrected * 2 + sram;
}

/* Without `load`: a slow swell around one half with a ripple on it, its phases drawn from the seed and the slot. */
static double own_load_at(struct device *device, int64_t at_ns) {
    if (device->overridden[KEY_load])
        return (double)device->override[KEY_load] / 1e6;
    uint64_t draw = mix(world.seed * 7919 + device->slot);
    double seconds = (double)at_ns / NANOS, turn = 2 * M_PI;
    double swell = sin(turn * (seconds / 180 + (double)(draw & 0xFFFF) / 65536));
    double ripple = sin(turn * (seconds / 23 + (double)(draw >> 16 & 0xFFFF) / 65536));
    return 0.5 + 0.3 * swell + 0.05 * ripple;
}

/* What is held and the rest are not added up: a test that sets a load and a program that holds one do not know each other. */
static double load_at(struct device *device, int64_t at_ns) {
    double own = own_load_at(device, at_ns);
    return fmax(mig_enabled(device) ? mig_load(device, own) : own, held_load(device));
}

double own_load(struct device *device) { return own_load_at(device, device->advanced_ns); }

static double enforced_watts(struct device *device) {
    return (double)observe(device, KEY_enforced_power_limit_mw) / 1e3;
}

static double demand_watts(struct device *device, double load) {
    double idle = world.profile->idle_mw / 1e3, max = (double)observe(device, KEY_power_limit_max_mw) / 1e3;
    double demand = idle + load * (max - idle);
    return observe(device, KEY_margin_c) > 0 ? demand : fmin(demand, idle + 0.7 * (demand - idle));
}

static bool capped(struct device *device, double load) {
    return demand_watts(device, load) > enforced_watts(device) + 0.0005;
}

static double forced_watts(struct device *device) { /* negative: the model decides */
    if (device->overridden[KEY_power_instant_mw])
        return (double)device->override[KEY_power_instant_mw] / 1e3;
    return device->overridden[KEY_power_mw] ? (double)device->override[KEY_power_mw] / 1e3 : -1;
}

static double approach(double from, double to, double step_s, double tau_s) {
    return tau_s <= 0 ? to : to + (from - to) * exp(-step_s / tau_s);
}

/* The mean of the exponential over the step, so that energy is exact for a constant target. */
static double mean_approach(double from, double to, double step_s, double tau_s) {
    return tau_s <= 0 ? to : to + (from - to) * tau_s / step_s * (1 - exp(-step_s / tau_s));
}

static void grow(struct device *device, enum key key, double amount) {
    if (!device->overridden[key])
        device->counters[key] += amount;
}

/* Plausible for training with matrices of low precision; in the order of the keys. */
const double activity_shares[ACTIVITY_KEYS] = {1, 0.92, 0.45, 0.2, 0.55, 0.6, 0.01, 0.15, 0.25};

static double module_watts(double gpu_watts) {
    return gpu_watts * world.profile->module_gpus + world.profile->module_rest_mw / 1e3;
}

/* What the energy counter counts: the GPU, the module (as on GH200, nvml.md section 8) or the memory. */
static double counted_watts(struct device *device, double gpu_watts) {
    switch (observe(device, KEY_energy_scope)) {
    case 1:
        return device->overridden[KEY_module_power_mw] ? (double)device->override[KEY_module_power_mw] / 1e3
                                                       : module_watts(gpu_watts);
    case 2:
        return device->overridden[KEY_memory_power_mw] ? (double)device->override[KEY_memory_power_mw] / 1e3
                                                       : gpu_watts * 0.15;
    default: return gpu_watts;
    }
}

static void step(struct device *device, int64_t from_ns, int64_t step_ns) {
    double seconds = (double)step_ns / NANOS, load = load_at(device, from_ns + step_ns / 2);
    double power_tau = (double)observe(device, KEY_tau_power_ms) / 1e3;
    double heat_tau = (double)observe(device, KEY_tau_temperature_ms) / 1e3;
    double target = fmin(demand_watts(device, load), enforced_watts(device)), forced = forced_watts(device);
    double mean = forced >= 0 ? forced : mean_approach(device->power_w, target, seconds, power_tau);
    device->power_w = forced >= 0 ? forced : approach(device->power_w, target, seconds, power_tau);
    grow(device, KEY_energy_mj, counted_watts(device, mean) * seconds * 1e3);

    double ambient = (double)observe(device, KEY_ambient_c);
    device->temperature_c =
        approach(device->temperature_c, ambient + world.profile->celsius_per_watt * mean, seconds, heat_tau);
    device->memory_temperature_c =
        approach(device->memory_temperature_c, ambient + world.profile->memory_celsius_per_watt * mean, seconds, heat_tau);

    device->advanced_ns = from_ns + step_ns;
    uint64_t reasons = (uint64_t)observe(device, KEY_clocks_event_reasons);
    for (size_t i = 0; i < sizeof reason_counters / sizeof *reason_counters; i++)
        if (reasons & reason_counters[i].bit)
            grow(device, reason_counters[i].key, (double)step_ns);
    grow(device, KEY_pcie_receive_bytes, load * seconds * PCIE_RECEIVE_BYTES_PER_SECOND);
    grow(device, KEY_pcie_transmit_bytes, load * seconds * PCIE_TRANSMIT_BYTES_PER_SECOND);
    device->load_seconds += load * seconds;
    for (int i = 0; i < ACTIVITY_KEYS; i++)
        device->activity_seconds[i] += (double)observe(device, FIRST_ACTIVITY_KEY + i) / 1e6 * seconds;
    advance_mig(device, own_load_at(device, from_ns + step_ns / 2), seconds);
}

static void keep_sample(struct device *device, int64_t now_ns) {
    struct sample *sample = &device->samples[device->sample_total++ % SAMPLE_COUNT];
    sample->epoch_us = epoch_us() - (uint64_t)((now_ns - device->advanced_ns) / 1000);
    sample->power_mw = (unsigned)observe(device, KEY_power_mw);
    sample->utilization_gpu = (unsigned)observe(device, KEY_utilization_gpu);
    sample->utilization_memory = (unsigned)observe(device, KEY_utilization_memory);
    sample->clock_sm_mhz = (unsigned)observe(device, KEY_clock_sm_mhz);
    sample->clock_memory_mhz = (unsigned)observe(device, KEY_clock_memory_mhz);
}

void advance(struct device *device) {
    int64_t now = simulated_ns(), gap = now - device->advanced_ns;
    if (gap < GRID_NS)
        return;
    int64_t steps = (gap + STEP_NS - 1) / STEP_NS;
    if (steps > MOST_STEPS)
        steps = MOST_STEPS;
    int64_t from = device->advanced_ns;
    double load_seconds = device->load_seconds;
    for (int64_t i = 0; i < steps; i++) {
        int64_t begin = from + gap * i / steps, end = from + gap * (i + 1) / steps;
        step(device, begin, end - begin);
        if (begin / SAMPLE_NS != end / SAMPLE_NS)
            keep_sample(device, now);
    }
    advance_links(device, device->load_seconds - load_seconds);
}

/* The state that the present load would have reached long ago: where a node starts. */
void settle(struct device *device) {
    double load = load_at(device, device->advanced_ns), forced = forced_watts(device);
    device->temperature_c = (double)observe(device, KEY_ambient_c); /* so that no old heat counts as a slowdown */
    double target = fmin(demand_watts(device, load), enforced_watts(device));
    device->power_w = forced >= 0 ? forced : target;
    double ambient = (double)observe(device, KEY_ambient_c);
    device->temperature_c = ambient + world.profile->celsius_per_watt * device->power_w;
    device->memory_temperature_c = ambient + world.profile->memory_celsius_per_watt * device->power_w;
}

static double with_noise(struct device *device, enum key key, double value) {
    double noise = atomic_load(&world.noise);
    if (noise <= 0)
        return value;
    uint64_t tick = (uint64_t)(device->advanced_ns / SAMPLE_NS);
    uint64_t draw = mix(world.seed ^ mix(tick * 4096 + device->slot * 64 + (unsigned)key));
    return value * (1 + noise * ((double)(draw >> 11) / (double)(1ULL << 52) - 1));
}

static int64_t modelled_clock(struct device *device, enum key max_key) {
    double load = load_at(device, device->advanced_ns), max = (double)observe(device, max_key);
    if (load <= 0)
        return world.profile->idle_mhz;
    double idle = world.profile->idle_mw / 1e3, demand = demand_watts(device, load), limit = enforced_watts(device);
    double scale = observe(device, KEY_margin_c) > 0 ? 1 : 0.75;
    if (demand > limit) /* dynamic power goes about with the cube of the clock */
        scale *= fmax(0.2, cbrt(fmax(0, limit - idle) / (demand - idle)));
    return (int64_t)(max * scale);
}

static int64_t modelled_reasons(struct device *device) {
    double load = load_at(device, device->advanced_ns);
    uint64_t reasons = load <= 0 ? REASON_IDLE : 0;
    if (capped(device, load))
        reasons |= REASON_SW_POWER_CAP;
    if (observe(device, KEY_margin_c) <= 0)
        reasons |= REASON_SW_THERMAL;
    return (int64_t)reasons;
}

static int64_t modelled_memory(struct device *device) {
    int64_t room = observe(device, KEY_memory_total) - observe(device, KEY_memory_reserved);
    int64_t used = observe(device, KEY_page_cache_bytes); /* the kernel's, on memory that is a NUMA node */
    if (mig_enabled(device)) {
        used += (int64_t)mig_memory_used(device, own_load(device));
        return used < room ? used : room;
    }
    for (unsigned i = 0; i < device->process_count; i++)
        used += (int64_t)device->processes[i].bytes;
    if (device->process_count == 0)
        used += (int64_t)(load_at(device, device->advanced_ns) * 0.75 * (double)room) >> 20 << 20;
    return used < room ? used : room;
}

#define NOT_STARTED_NS NANOS
#define IN_PROGRESS_NS (4 * NANOS)

/* Registration takes a while after the driver was loaded or the device came back; a node starts registered. */
static int64_t modelled_fabric_state(struct device *device) {
    if (world.profile->fabric == NO_FABRIC)
        return FABRIC_NOT_SUPPORTED;
    if (device->fabric_began_ns == 0)
        return FABRIC_COMPLETED;
    int64_t since = device->advanced_ns - device->fabric_began_ns;
    return since < NOT_STARTED_NS ? FABRIC_NOT_STARTED : since < IN_PROGRESS_NS ? FABRIC_IN_PROGRESS : FABRIC_COMPLETED;
}

/* Nothing wrong in any field, a partition assigned; drivers before Blackwell's fill in nothing. */
static int64_t modelled_fabric_health(struct device *device) {
    bool known = world.profile->architecture >= 10 && observe(device, KEY_fabric_state) == FABRIC_COMPLETED;
    return !known ? 0 : driver_at_least(610, 0) ? 0x11aa : 0x1aa;
}

/* The summary of the mask as it stands: a bad field makes it unhealthy. */
static int64_t modelled_fabric_summary(struct device *device) {
    unsigned mask = (unsigned)observe(device, KEY_fabric_health_mask);
    bool bad = (mask >> 8 & 0xF) > 1;
    for (int shift = 0; shift <= 6; shift += 2)
        bad |= (mask >> shift & 3) == 1;
    return mask == 0 ? 0 : bad ? 2 : 1;
}

/* Every bank has all its spares, but one bank less for each remapped row. */
static int64_t modelled_banks(struct device *device, enum key key) {
    const int64_t banks = 4096;
    int64_t used = observe(device, KEY_remapped_correctable) + observe(device, KEY_remapped_uncorrectable);
    used = used < banks ? used : banks;
    return key == KEY_banks_max ? banks - used : used;
}

static int64_t milliwatts(double watts) { return watts <= 0 ? 0 : (int64_t)llround(watts * 1e3); }

int64_t observe(struct device *device, enum key key) {
    if (key == KEY_load) /* set or not: what is held counts too */
        return (int64_t)llround(load_at(device, device->advanced_ns) * 1e6);
    if (device->overridden[key])
        return device->override[key];
    if (key_rows[key].behaviour == PLAIN)
        return device->plain[key];
    if (key_rows[key].behaviour == COUNTER)
        return (int64_t)device->counters[key];
    switch (key) {
    case KEY_power_mw:
    case KEY_power_instant_mw: return milliwatts(with_noise(device, key, device->power_w));
    case KEY_module_power_mw: return milliwatts(module_watts(device->power_w));
    case KEY_memory_power_mw: return milliwatts(device->power_w * 0.15);
    case KEY_enforced_power_limit_mw: return observe(device, KEY_power_limit_mw);
    case KEY_power_profiles_enforced: return enforced_power_profiles(observe(device, KEY_power_profiles_requested));
    case KEY_temperature_c: return (int64_t)lround(with_noise(device, key, device->temperature_c));
    case KEY_memory_temperature_c: return (int64_t)lround(with_noise(device, key, device->memory_temperature_c));
    case KEY_margin_c: return observe(device, KEY_temperature_limit_c) - observe(device, KEY_temperature_c);
    case KEY_utilization_gpu: return (int64_t)lround(load_at(device, device->advanced_ns) * 100);
    case KEY_utilization_memory: return (int64_t)lround(load_at(device, device->advanced_ns) * 60);
    case KEY_gpm_graphics_ppm: case KEY_gpm_sm_ppm: case KEY_gpm_occupancy_ppm: case KEY_gpm_integer_ppm:
    case KEY_gpm_tensor_ppm: case KEY_gpm_dram_ppm: case KEY_gpm_fp64_ppm: case KEY_gpm_fp32_ppm:
    case KEY_gpm_fp16_ppm:
        return llround(load_at(device, device->advanced_ns) * activity_shares[key - FIRST_ACTIVITY_KEY] * 1e6);
    case KEY_memory_used: return modelled_memory(device);
    case KEY_fabric_state: return modelled_fabric_state(device);
    case KEY_fabric_health_mask: return modelled_fabric_health(device);
    case KEY_fabric_health_summary: return modelled_fabric_summary(device);
    case KEY_banks_max: case KEY_banks_high: return modelled_banks(device, key);
    case KEY_fan_speed_percent: return 30 + llround(load_at(device, device->advanced_ns) * 50);
    case KEY_clock_graphics_mhz: return modelled_clock(device, KEY_clock_max_graphics_mhz);
    case KEY_clock_sm_mhz: return modelled_clock(device, KEY_clock_max_sm_mhz);
    case KEY_clock_video_mhz: return modelled_clock(device, KEY_clock_max_video_mhz);
    case KEY_clock_memory_mhz: return observe(device, KEY_clock_max_memory_mhz);
    case KEY_clocks_event_reasons: return modelled_reasons(device);
    case KEY_ecc_volatile_corrected:
    case KEY_ecc_volatile_uncorrected:
    case KEY_ecc_aggregate_corrected:
    case KEY_ecc_aggregate_uncorrected: {
        enum key dram = KEY_ecc_volatile_corrected_dram + 2 * (key - KEY_ecc_volatile_corrected);
        return observe(device, dram) + observe(device, dram + 1);
    }
    case KEY_cc_protected_used_bytes: return observe(device, KEY_memory_used);
    case KEY_processes: return device->process_count;
    default: return 0;
    }
}

int64_t read_key(struct device *device, enum key key) {
    pthread_mutex_lock(&device->lock);
    advance(device);
    int64_t value = observe(device, key);
    pthread_mutex_unlock(&device->lock);
    return value;
}

static void invent_processes(struct device *device, unsigned count) {
    int64_t room = observe(device, KEY_memory_total) - observe(device, KEY_memory_reserved);
    device->process_count = count < MAX_PROCESSES ? count : MAX_PROCESSES;
    for (unsigned i = 0; i < device->process_count; i++)
        device->processes[i] = (struct process){.pid = 4000000 + device->slot * 1000 + i, .invented = true,
                                                .started_us = epoch_us(),
                                                .bytes = (uint64_t)(room / 4 * 3 / device->process_count) >> 20 << 20};
}

static bool is_ecc_total(enum key key) {
    return key >= KEY_ecc_volatile_corrected && key <= KEY_ecc_aggregate_uncorrected;
}

static int64_t within_limits(struct device *device, int64_t value) {
    int64_t min = observe(device, KEY_power_limit_min_mw), max = observe(device, KEY_power_limit_max_mw);
    return value < min ? min : value > max ? max : value;
}

void set_key(struct device *device, enum key key, int64_t value) {
    if (is_ecc_total(key)) { /* kept as the sum of its parts, so that the parts always agree with it */
        enum key dram = KEY_ecc_volatile_corrected_dram + 2 * (key - KEY_ecc_volatile_corrected);
        set_key(device, dram, value);
        set_key(device, dram + 1, 0);
        return;
    }
    if (key == KEY_processes) {
        invent_processes(device, (unsigned)value);
        return;
    }
    device->override[key] = key == KEY_power_limit_mw ? within_limits(device, value) : value;
    device->overridden[key] = true;
    if (key_rows[key].behaviour == COUNTER)
        device->counters[key] = (double)(uint64_t)value;
}

void unset_key(struct device *device, enum key key) {
    if (is_ecc_total(key)) {
        enum key dram = KEY_ecc_volatile_corrected_dram + 2 * (key - KEY_ecc_volatile_corrected);
        unset_key(device, dram);
        unset_key(device, dram + 1);
        return;
    }
    if (key == KEY_processes)
        device->process_count = 0;
    device->overridden[key] = false;
}

void add_to_key(struct device *device, enum key key, int64_t amount) {
    if (device->overridden[key])
        device->override[key] += amount;
    else
        device->plain[key] += amount;
}

static void reset_key(struct device *device, enum key key, int64_t value) {
    device->overridden[key] = false;
    device->plain[key] = value;
    device->counters[key] = 0;
}

void reset_volatile(struct device *device) {
    for (int key = KEY_ecc_volatile_corrected_dram; key < KEY_ecc_aggregate_corrected_dram; key++)
        reset_key(device, key, 0);
    for (size_t i = 0; i < sizeof reason_counters / sizeof *reason_counters; i++)
        reset_key(device, reason_counters[i].key, 0);
    reset_key(device, KEY_energy_mj, 0);
    reset_key(device, KEY_recovery_action, 0);
    reset_key(device, KEY_power_limit_mw, observe(device, KEY_power_limit_default_mw));
    reset_key(device, KEY_power_profiles_requested, 0);
    reset_key(device, KEY_accounting_mode, 0);
    reset_key(device, KEY_pcie_receive_bytes, 0);
    reset_key(device, KEY_pcie_transmit_bytes, 0);
    reset_key(device, KEY_mig_mode, 0);
    reset_key(device, KEY_mig_mode_pending, 0);
    forget_mig(device);
    settle_links(device);
    device->load_seconds = 0;
    memset(device->activity_seconds, 0, sizeof device->activity_seconds);
    device->fabric_began_ns = device->advanced_ns > 0 ? device->advanced_ns : 1;
}

int64_t module_limit_mw(enum key key) {
    switch (key) {
    case KEY_power_limit_min_mw: return world.profile->module_min_mw;
    case KEY_power_limit_max_mw: return world.profile->module_max_mw;
    default: return world.profile->module_default_mw;
    }
}

bool has_scope(struct device *device, enum key key) { return world.profile->power_scopes || device->overridden[key]; }
