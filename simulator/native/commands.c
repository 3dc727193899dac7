/*
 * The command language, shared by scenario.conf and control.sock. Every command is parsed completely before it does
 * anything; CHECK_ONLY stops there.
 */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"

bool wrong(struct command *command, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command->error, ERROR_SIZE, format, arguments);
    va_end(arguments);
    return false;
}

bool is(struct command *command, int word, const char *text) {
    return command->count > word && strcmp(command->words[word], text) == 0;
}

bool usage(struct command *command, int words, const char *form) {
    return command->count == words || wrong(command, "%s: %d words given, allowed: %s", command->words[0],
                                            command->count, form);
}

bool parse_whole(struct command *command, const char *field, const char *text, uint64_t max, uint64_t *value) {
    char *end;
    errno = 0;
    *value = strtoull(text, &end, 0);
    if (!isdigit((unsigned char)*text) || *end || errno || *value > max)
        return wrong(command, "%s: '%s' given, allowed: a whole number 0..%llu", field, text, (unsigned long long)max);
    return true;
}

static bool parse_signed(struct command *command, const char *field, const char *text, int64_t *value) {
    char *end;
    errno = 0;
    *value = strtoll(text, &end, 0);
    if (!*text || isspace((unsigned char)*text) || *end || errno || *value < INT32_MIN || *value > INT32_MAX)
        return wrong(command, "%s: '%s' given, allowed: a whole number %d..%d", field, text, INT32_MIN, INT32_MAX);
    return true;
}

bool parse_ratio(struct command *command, const char *field, const char *text, double *value) {
    char *end;
    *value = strtod(text, &end);
    if (end == text || *end || !(*value >= 0 && *value <= 1))
        return wrong(command, "%s: '%s' given, allowed: a number 0..1", field, text);
    return true;
}

static bool parse_value(struct command *command, enum key key, const char *text, int64_t *value) {
    const char *field = key_rows[key].name;
    uint64_t whole = 0;
    double ratio;
    bool valid;
    switch (key_rows[key].kind) {
    case RATIO:
        valid = parse_ratio(command, field, text, &ratio);
        *value = valid ? llround(ratio * 1e6) : 0;
        return valid;
    case I32: return parse_signed(command, field, text, value);
    case U32: valid = parse_whole(command, field, text, key == KEY_processes ? MAX_PROCESSES : UINT32_MAX, &whole); break;
    default: valid = parse_whole(command, field, text, UINT64_MAX, &whole);
    }
    *value = (int64_t)whole;
    return valid;
}

bool parse_devices(struct command *command, const char *text, bool all_allowed, struct selection *selection) {
    uint64_t slot;
    if (all_allowed && strcmp(text, "all") == 0) {
        *selection = (struct selection){0, world.device_count - 1, true};
        return true;
    }
    char *end;
    slot = strtoull(text, &end, 10);
    if (!isdigit((unsigned char)*text) || *end || slot >= world.device_count)
        return wrong(command, "device: '%s' given, allowed: a slot 0..%u%s", text, world.device_count - 1,
                     all_allowed ? " or all" : "");
    *selection = (struct selection){(unsigned)slot, (unsigned)slot, false};
    return true;
}

static bool parse_key(struct command *command, const char *text, int *key) {
    *key = key_by_name(text);
    if (*key >= 0)
        return true;
    char names[ERROR_SIZE - 200] = "";
    for (int i = 0; i < KEY_COUNT; i++) {
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%s", i ? " " : "", key_rows[i].name);
    }
    return wrong(command, "key: '%.64s' given, allowed: %s", text, names);
}

static bool parse_function(struct command *command, const char *text, int *function) {
    *function = function_by_name(text);
    return *function >= 0 || wrong(command, "function: '%.64s' given, allowed: a function that this library exports, "
                                            "such as nvmlDeviceGetPowerUsage", text);
}

static void apply(struct device *device, int key, int64_t value) {
    if (key == KEY_recovery_action) { /* the driver tells of a change by events */
        change_recovery_action(device, (unsigned)value);
        return;
    }
    pthread_mutex_lock(&device->lock);
    advance(device);
    bool divides = key == KEY_mig_mode && observe(device, key) != value;
    set_key(device, key, value);
    if (divides) {
        set_key(device, KEY_mig_mode_pending, value);
        forget_mig(device);
    }
    pthread_mutex_unlock(&device->lock);
    if (divides)
        publish_event(device, EVENT_MIG_CONFIG_CHANGE, 0);
}

/* link3.malformed, c2c0.replay; whether it is right for the first device that is meant. */
static bool parse_link(struct command *command, const char *text, struct selection devices, struct link_place *place,
                       int *quantity) {
    parse_link_key(text, place, quantity);
    if (*quantity >= 0 && link_exists(&world.devices[devices.first], *place))
        return true;
    return wrong(command, "key: '%.64s' given, allowed: link<number>.<quantity> or c2c<number>.<quantity> of a link that the "
                          "device has, with a quantity of %s", text, link_quantity_names());
}

static bool names_link(struct command *command, int word) {
    struct link_place place;
    int quantity;
    return command->count > word && parse_link_key(command->words[word], &place, &quantity);
}

static bool set_link_words(struct command *command) { /* set <dev|all> link<n>.<quantity> <value> */
    struct selection devices;
    struct link_place place;
    int quantity;
    uint64_t value;
    if (!usage(command, 4, "set <dev|all> <key> <value>") ||
        !parse_devices(command, command->words[1], true, &devices) ||
        !parse_link(command, command->words[2], devices, &place, &quantity) ||
        !parse_whole(command, command->words[2], command->words[3], UINT64_MAX, &value))
        return false;
    if (command->mode == CHECK_ONLY)
        return true;
    EACH(devices, device) {
        pthread_mutex_lock(&device->lock);
        advance(device);
        set_link(device, place, quantity, value);
        pthread_mutex_unlock(&device->lock);
    }
    return true;
}

static bool unset_link_words(struct command *command) {
    struct selection devices;
    struct link_place place;
    int quantity;
    if (!usage(command, 3, "unset <dev|all> <key|all>") || !parse_devices(command, command->words[1], true, &devices) ||
        !parse_link(command, command->words[2], devices, &place, &quantity))
        return false;
    if (command->mode == CHECK_ONLY)
        return true;
    EACH(devices, device) {
        pthread_mutex_lock(&device->lock);
        advance(device);
        unset_link(device, place, quantity);
        pthread_mutex_unlock(&device->lock);
    }
    return true;
}

static bool get_link_words(struct command *command) {
    struct selection devices;
    struct link_place place;
    int quantity;
    if (!usage(command, 3, "get <dev> or get <dev> <key>") ||
        !parse_devices(command, command->words[1], false, &devices) ||
        !parse_link(command, command->words[2], devices, &place, &quantity))
        return false;
    if (command->mode == CHECK_ONLY)
        return true;
    struct device *device = &world.devices[devices.first];
    pthread_mutex_lock(&device->lock);
    advance(device);
    uint64_t value = link_value(device, place, quantity);
    pthread_mutex_unlock(&device->lock);
    fprintf(command->reply, "%s=%llu\n", command->words[2], (unsigned long long)value);
    return true;
}

static bool process_words(struct command *command, struct selection devices, int first) {
    uint64_t pid = 0, bytes = 0;
    bool placed = is(command, first, "add") && command->count == first + 4;
    bool adds = placed || (is(command, first, "add") && command->count == first + 3);
    struct process process = {0};
    if (is(command, first, "account"))
        return account_words(command, devices, first);
    if (!adds && !(is(command, first, "clear") && command->count == first + 1))
        return wrong(command, "process: '%s' given, allowed: add PID BYTES [gi<number>], account PID PEAK_BYTES PERCENT, or clear",
                     command->count > first ? command->words[first] : "nothing");
    if (adds && (!parse_whole(command, "PID", command->words[first + 1], UINT32_MAX, &pid) ||
                 !parse_whole(command, "BYTES", command->words[first + 2], UINT64_MAX, &bytes)))
        return false;
    if (placed && !parse_instance(command, command->words[first + 3], &process))
        return false;
    if (command->mode == CHECK_ONLY)
        return true;
    process.pid = (unsigned)pid;
    process.bytes = bytes;
    bool full = false;
    EACH(devices, device) {
        pthread_mutex_lock(&device->lock);
        if (!adds)
            device->process_count = 0;
        else if (!add_process(device, process))
            full = true;
        pthread_mutex_unlock(&device->lock);
    }
    return !full || wrong(command, "process: one more given, allowed: at most %d a device", MAX_PROCESSES);
}

static bool do_process(struct command *command) { /* process <dev|all> add PID BYTES | process <dev|all> clear */
    struct selection devices;
    if (command->count < 3)
        return usage(command, 3, "process <dev|all> add PID BYTES, or process <dev|all> clear");
    return parse_devices(command, command->words[1], true, &devices) && process_words(command, devices, 2);
}

static bool held(struct command *command, bool fitted) {
    return fitted || wrong(command, "hold: one more given, allowed: at most %d loads and %d processes a device",
                           MOST_CONNECTIONS, MAX_PROCESSES);
}

static bool hold_words(struct command *command, struct selection devices) {
    bool loads = is(command, 2, "load") && command->count == 4, fitted = true;
    uint64_t pid = 0, bytes = 0;
    double load = 0;
    if (!loads && !(is(command, 2, "process") && command->count == 5))
        return wrong(command, "hold: '%s' given, allowed: load <0..1> or process PID BYTES", command->words[2]);
    if (loads ? !parse_ratio(command, "load", command->words[3], &load)
              : !parse_whole(command, "PID", command->words[3], UINT32_MAX, &pid) ||
                    !parse_whole(command, "BYTES", command->words[4], UINT64_MAX, &bytes))
        return false;
    EACH(devices, device) {
        pthread_mutex_lock(&device->lock);
        advance(device);
        fitted &= loads ? hold_load(device, command->holder, load)
                        : add_process(device, (struct process){
                              .pid = (unsigned)pid, .bytes = bytes, .holder = command->holder});
        pthread_mutex_unlock(&device->lock);
    }
    return held(command, fitted);
}

static bool do_hold(struct command *command) { /* hold <dev|all> load <0..1> | hold <dev|all> process PID BYTES */
    struct selection devices;
    if (command->holder == NO_HOLDER)
        return wrong(command, "hold: given in scenario.conf, allowed: only over control.sock, as it ends with the connection");
    if (command->count < 4)
        return usage(command, 4, "hold <dev|all> load <0..1>, or hold <dev|all> process PID BYTES");
    return parse_devices(command, command->words[1], true, &devices) && hold_words(command, devices);
}

static bool do_set(struct command *command) {
    struct selection devices;
    int key;
    int64_t value;
    if (names_link(command, 2))
        return set_link_words(command);
    if (names_instance(command, 2))
        return set_instance_words(command);
    if (command->count >= 4 && is(command, 2, "process"))
        return parse_devices(command, command->words[1], true, &devices) && process_words(command, devices, 3);
    if (!usage(command, 4, "set <dev|all> <key> <value>") ||
        !parse_devices(command, command->words[1], true, &devices) || !parse_key(command, command->words[2], &key) ||
        !parse_value(command, key, command->words[3], &value))
        return false;
    if (command->mode == RUN)
        EACH(devices, device)
            apply(device, key, value);
    return true;
}

static bool do_unset(struct command *command) {
    struct selection devices;
    int key = -1;
    if (names_link(command, 2))
        return unset_link_words(command);
    if (names_instance(command, 2))
        return unset_instance_words(command);
    if (!usage(command, 3, "unset <dev|all> <key|all>") || !parse_devices(command, command->words[1], true, &devices))
        return false;
    bool every = is(command, 2, "all");
    if (!every && !parse_key(command, command->words[2], &key))
        return false;
    if (command->mode == CHECK_ONLY)
        return true;
    EACH(devices, device) {
        pthread_mutex_lock(&device->lock);
        advance(device);
        for (int i = 0; i < KEY_COUNT; i++)
            if (every || i == key)
                unset_key(device, i);
        if (every)
            unset_links(device);
        if (!mig_enabled(device))
            forget_mig(device);
        pthread_mutex_unlock(&device->lock);
    }
    return true;
}

static void print_value(FILE *reply, enum key key, int64_t value) {
    fprintf(reply, "%s=", key_rows[key].name);
    switch (key_rows[key].kind) {
    case RATIO: fprintf(reply, "%.6g\n", (double)value / 1e6); return;
    case U64: fprintf(reply, "%llu\n", (unsigned long long)value); return;
    default: fprintf(reply, "%lld\n", (long long)value);
    }
}

static void print_identity(FILE *reply, struct device *device) {
    bool present = atomic_load(&device->present), lost = atomic_load(&device->lost);
    fprintf(reply, "state=%s\nuuid=%s\npci_bus_id=%s\n", !present ? "gone" : lost ? "lost" : "present", device->uuid,
            device->bus_id);
    if (present)
        fprintf(reply, "index=%u\n", index_of_device(device));
}

static bool do_get(struct command *command) {
    struct selection devices;
    int key = -1;
    if (names_link(command, 2))
        return get_link_words(command);
    if (names_instance(command, 2))
        return get_instance_words(command);
    if (command->count != 3 && !usage(command, 2, "get <dev> or get <dev> <key>"))
        return false;
    if (!parse_devices(command, command->words[1], false, &devices) ||
        (command->count == 3 && !parse_key(command, command->words[2], &key)))
        return false;
    if (command->mode == CHECK_ONLY)
        return true;
    struct device *device = &world.devices[devices.first];
    int64_t values[KEY_COUNT];
    pthread_mutex_lock(&device->lock);
    advance(device);
    for (int i = 0; i < KEY_COUNT; i++)
        values[i] = observe(device, i);
    pthread_mutex_unlock(&device->lock);
    for (int i = 0; i < KEY_COUNT; i++)
        if (key < 0 || key == i)
            print_value(command->reply, i, values[i]);
    if (key < 0)
        print_identity(command->reply, device);
    return true;
}

static void release(struct selection devices) {
    EACH(devices, device) {
        device->hangs = false;
        for (int i = 0; i < FUNCTION_COUNT; i++)
            device->hang_function[i] = false;
    }
    if (!devices.all)
        return;
    world.hangs = false;
    for (int i = 0; i < FUNCTION_COUNT; i++)
        world.hang_function[i] = false;
}

static void hang(struct selection devices, int function) {
    if (devices.all) {
        atomic_store(function < 0 ? &world.hangs : &world.hang_function[function], true);
        return;
    }
    struct device *device = &world.devices[devices.first];
    atomic_store(function < 0 ? &device->hangs : &device->hang_function[function], true);
}

static bool fault_hang(struct command *command, struct selection devices) {
    int function = -1;
    if (command->count > 4)
        return usage(command, 4, "fault <dev|all> hang [function]");
    if (command->count == 4 && !parse_function(command, command->words[3], &function))
        return false;
    if (command->mode == RUN)
        hang(devices, function);
    return true;
}

static bool fault_code(struct command *command, struct selection devices) {
    int function;
    uint64_t code;
    if (!usage(command, 5, "fault <dev|all> code <function> <return code>") ||
        !parse_function(command, command->words[3], &function) ||
        !parse_whole(command, "return code", command->words[4], INT32_MAX, &code))
        return false;
    if (command->mode == CHECK_ONLY)
        return true;
    if (devices.all)
        atomic_store(&world.forced_code[function], (int)code);
    EACH(devices, device)
        atomic_store(&device->forced_code[function], (int)code);
    return true;
}

static bool fault_slow(struct command *command, struct selection devices) {
    uint64_t microseconds;
    int function = -1;
    if ((command->count != 5 && !usage(command, 4, "fault <dev|all> slow <microseconds> [function]")) ||
        !parse_whole(command, "microseconds", command->words[3], 60000000, &microseconds) ||
        (command->count == 5 && !parse_function(command, command->words[4], &function)))
        return false;
    if (command->mode == CHECK_ONLY)
        return true;
    if (function >= 0) {
        EACH(devices, device)
            atomic_store(&device->slow_function_us[function], (unsigned)microseconds);
        return true;
    }
    if (devices.all) /* functions without a device are delayed once, those of a device by their device */
        atomic_store(&world.slow_us, (unsigned)microseconds);
    EACH(devices, device)
        atomic_store(&device->slow_us, (unsigned)microseconds);
    return true;
}

static bool fault_field(struct command *command, struct selection devices) {
    uint64_t field, code;
    if (!usage(command, 5, "fault <dev|all> field <field id> <return code>") ||
        !parse_whole(command, "field id", command->words[3], MOST_FIELDS - 1, &field) ||
        !parse_whole(command, "return code", command->words[4], INT32_MAX, &code))
        return false;
    if (command->mode == RUN)
        EACH(devices, device)
            atomic_store(&device->field_code[field], (int)code);
    return true;
}

static bool has_instance(struct device *device, struct event_origin origin) {
    pthread_mutex_lock(&device->lock);
    bool has = gpu_instance_by_id(device, origin.gpu_instance) != NULL;
    if (has && origin.compute_instance != ~0U) {
        has = false;
        for (unsigned i = 0; i < MOST_INSTANCES; i++) {
            const struct compute_instance *one = compute_instance_at(device, i);
            has |= one && one->gpu_instance == origin.gpu_instance && one->id == origin.compute_instance;
        }
    }
    pthread_mutex_unlock(&device->lock);
    return has;
}

/* Of nothing on any device where one of them has no such instance. */
static bool xid_of(struct command *command, struct selection devices, struct event_origin origin, unsigned xid) {
    if (origin.gpu_instance != ~0U)
        EACH(devices, device)
            if (!has_instance(device, origin))
                return wrong(command, "instance: '%.32s' given, allowed: one of those that mig %u list shows",
                             command->words[4], device->slot);
    EACH(devices, device)
        fault_xid_of(device, origin, xid);
    return true;
}

static bool fault_counted(struct command *command, struct selection devices) {
    uint64_t number;
    if (is(command, 2, "xid")) {
        struct process within = {.gpu_instance = ~0U, .compute_instance = ~0U};
        if ((command->count != 5 && !usage(command, 4, "fault <dev|all> xid <number> [gi<number>]")) ||
            !parse_whole(command, "xid", command->words[3], UINT32_MAX, &number) ||
            (command->count == 5 && !parse_instance(command, command->words[4], &within)))
            return false;
        return command->mode == CHECK_ONLY ||
               xid_of(command, devices, (struct event_origin){within.gpu_instance, within.compute_instance}, (unsigned)number);
    }
    bool uncorrected = is(command, 3, "uncorrected");
    if (!usage(command, 5, "fault <dev|all> ecc <corrected|uncorrected> <count>"))
        return false;
    if (!uncorrected && !is(command, 3, "corrected"))
        return wrong(command, "ecc: '%s' given, allowed: corrected or uncorrected", command->words[3]);
    if (!parse_whole(command, "count", command->words[4], INT64_MAX, &number))
        return false;
    if (command->mode == RUN)
        EACH(devices, device)
            fault_ecc(device, uncorrected, number);
    return true;
}

/* fault <dev|all> link <3|c0|all> down, up, sleep, or errors <kind> <count> */
static bool fault_link(struct command *command, struct selection devices) {
    static const char *const states[] = {"down", "up", "sleep"}; /* in the order of enum link_state */
    struct link_place place;
    enum link_quantity quantity = LINK_state;
    uint64_t number = UINT64_MAX;
    bool errors = is(command, 4, "errors");
    if (!usage(command, errors ? 7 : 5, "fault <dev|all> link <number|c number|all> down, up, sleep or errors <kind> <count>"))
        return false;
    if (!parse_link_place(command->words[3], &place) || !link_exists(&world.devices[devices.first], place))
        return wrong(command, "link: '%.64s' given, allowed: the number of a link that the device has, such as 3, or c0 for a "
                              "link to the processor, or all for every NVLink", command->words[3]);
    for (uint64_t state = 0; state < 3; state++)
        if (is(command, 4, states[state]))
            number = state;
    if (errors && !link_error_by_name(command->words[5], &quantity))
        return wrong(command, "errors: '%.64s' given, allowed: %s", command->words[5], link_error_names());
    if (errors && !parse_whole(command, "count", command->words[6], INT64_MAX, &number))
        return false;
    if (number == UINT64_MAX)
        return wrong(command, "link: '%.64s' given, allowed: down, up, sleep or errors", command->words[4]);
    if (command->mode == CHECK_ONLY)
        return true;
    EACH(devices, device) {
        pthread_mutex_lock(&device->lock);
        advance(device);
        if (errors)
            add_to_link(device, place, quantity, number);
        else
            set_link(device, place, LINK_state, number);
        pthread_mutex_unlock(&device->lock);
    }
    return true;
}

static bool fault_presence(struct command *command, struct selection devices) {
    if (!usage(command, 3, "fault <dev|all> lost, gone, return, reset or release"))
        return false;
    if (command->mode == CHECK_ONLY)
        return true;
    if (is(command, 2, "release")) {
        release(devices);
        return true;
    }
    EACH(devices, device) {
        if (is(command, 2, "lost"))
            fault_lost(device);
        else if (is(command, 2, "gone"))
            fault_gone(device);
        else if (is(command, 2, "reset"))
            fault_reset(device);
        else
            fault_return(device);
    }
    return true;
}

static bool do_fault(struct command *command) {
    static const char allowed[] = "xid, hang, release, lost, gone, return, reset, slow, ecc, code, field, link";
    struct selection devices;
    if (command->count < 3)
        return wrong(command, "fault: %d words given, allowed: fault <dev|all> followed by one of %s", command->count,
                     allowed);
    if (!parse_devices(command, command->words[1], true, &devices))
        return false;
    if (is(command, 2, "hang"))
        return fault_hang(command, devices);
    if (is(command, 2, "field"))
        return fault_field(command, devices);
    if (is(command, 2, "code"))
        return fault_code(command, devices);
    if (is(command, 2, "slow"))
        return fault_slow(command, devices);
    if (is(command, 2, "link"))
        return fault_link(command, devices);
    if (is(command, 2, "xid") || is(command, 2, "ecc"))
        return fault_counted(command, devices);
    if (is(command, 2, "lost") || is(command, 2, "gone") || is(command, 2, "return") || is(command, 2, "reset") ||
        is(command, 2, "release"))
        return fault_presence(command, devices);
    return wrong(command, "fault: '%s' given, allowed: %s", command->words[2], allowed);
}

static bool do_driver(struct command *command) {
    bool loads = is(command, 1, "load");
    if (!usage(command, 2, "driver load or driver unload"))
        return false;
    if (!loads && !is(command, 1, "unload"))
        return wrong(command, "driver: '%s' given, allowed: load or unload", command->words[1]);
    if (command->mode == CHECK_ONLY)
        return true;
    if (loads)
        load_driver();
    else
        unload_driver();
    return true;
}

static bool do_load(struct command *command) {
    double load;
    if (!usage(command, 2, "load <0..1>") || !parse_ratio(command, "load", command->words[1], &load))
        return false;
    if (command->mode == RUN)
        for (unsigned slot = 0; slot < world.device_count; slot++)
            apply(&world.devices[slot], KEY_load, llround(load * 1e6));
    return true;
}

static bool do_noise(struct command *command) {
    double noise;
    if (!usage(command, 2, "noise <0..1>") || !parse_ratio(command, "noise", command->words[1], &noise))
        return false;
    if (command->mode == RUN)
        atomic_store(&world.noise, noise);
    return true;
}

static bool do_clock(struct command *command) {
    if (!usage(command, 1, "freeze or unfreeze, alone"))
        return false;
    if (command->mode == CHECK_ONLY)
        return true;
    if (is(command, 0, "freeze"))
        freeze_world();
    else
        unfreeze_world();
    return true;
}

static bool do_poison(struct command *command) {
    bool on = is(command, 1, "on");
    if (!usage(command, 2, "poison <on|off>"))
        return false;
    if (!on && !is(command, 1, "off"))
        return wrong(command, "poison: '%s' given, allowed: on or off", command->words[1]);
    if (command->mode == RUN)
        atomic_store(&world.poison, on);
    return true;
}

static bool do_latency(struct command *command) {
    static const char form[] = "latency <function|all> <median us> <99th percentile us>, or 0 0 to end it";
    uint64_t median, p99;
    int function = -1;
    if (!usage(command, 4, form) || (!is(command, 1, "all") && !parse_function(command, command->words[1], &function)) ||
        !parse_whole(command, "median us", command->words[2], 10000000, &median) ||
        !parse_whole(command, "99th percentile us", command->words[3], 60000000, &p99))
        return false;
    if (p99 < median || (median == 0) != (p99 == 0))
        return wrong(command, "99th percentile us: %s given, allowed: at least the median, %s", command->words[3],
                     command->words[2]);
    for (int i = 0; command->mode == RUN && i < FUNCTION_COUNT; i++)
        if (function < 0 || i == function) {
            atomic_store(&world.latency_p99_us[i], (unsigned)p99);
            atomic_store(&world.latency_median_us[i], (unsigned)median);
        }
    return true;
}

static bool do_calls(struct command *command) {
    bool reset = is(command, 1, "reset");
    if (command->count > 1 && !(reset && command->count == 2))
        return wrong(command, "calls: '%s' given, allowed: nothing or reset", command->words[1]);
    if (command->mode == CHECK_ONLY)
        return true;
    for (int i = 0; i < FUNCTION_COUNT; i++) {
        unsigned long long count = atomic_load(&world.calls[i]);
        if (reset)
            atomic_store(&world.calls[i], 0);
        else if (count > 0)
            fprintf(command->reply, "%s=%llu\n", function_names[i], count);
    }
    return true;
}

static bool only_in_scenario(struct command *command) {
    return wrong(command, "%s: given here, allowed: only in scenario.conf, without 'at'", command->words[0]);
}

static const struct {
    const char *name;
    bool (*run)(struct command *);
} verbs[] = {
    {"set", do_set},         {"unset", do_unset},           {"get", do_get},
    {"hold", do_hold},       {"mig", do_mig},
    {"confidential", do_confidential},
    {"fault", do_fault},     {"driver", do_driver},         {"process", do_process},
    {"load", do_load},       {"noise", do_noise},           {"freeze", do_clock},
    {"unfreeze", do_clock},  {"calls", do_calls},           {"poison", do_poison},
    {"latency", do_latency},         {"profile", only_in_scenario},
    {"seed", only_in_scenario}, {"devices", only_in_scenario}, {"driver_version", only_in_scenario},
    {"missing", only_in_scenario},   {"missing_field", only_in_scenario},
};

bool run_command(char *line, enum command_mode mode, unsigned holder, FILE *reply, char *error) {
    struct command command = {.mode = mode, .holder = holder, .reply = reply, .error = error};
    char *rest = NULL;
    for (char *word = strtok_r(line, " \t\r\n", &rest); word; word = strtok_r(NULL, " \t\r\n", &rest)) {
        if (command.count == MOST_WORDS)
            return wrong(&command, "command: more than %d words given, allowed: at most %d", MOST_WORDS, MOST_WORDS);
        command.words[command.count++] = word;
    }
    if (command.count == 0)
        return wrong(&command, "command: nothing given, allowed: set, unset, get, hold, fault, driver, mig, confidential, process, load, noise, "
                               "freeze, unfreeze, calls, poison, latency");
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (is(&command, 0, verbs[i].name))
            return verbs[i].run(&command);
    return wrong(&command, "command: '%.64s' given, allowed: set, unset, get, hold, fault, driver, mig, confidential, process, load, noise, "
                           "freeze, unfreeze, calls, poison, latency", command.words[0]);
}
