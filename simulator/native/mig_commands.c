/*
 * The division of devices over the command language: what root could do through the library, and what no setter of the
 * real one does, such as an instance's load.
 */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"

static const char create_form[] = "mig <dev|all> create <profile> [start of its memory slices] [1c|2c|3c|4c|7c]...";

/* What a division asks for. */
struct wish {
    const struct mig_profile *profile;
    unsigned start;
    unsigned compute[MOST_INSTANCES]; /* slices of each compute instance */
    int count;
};

static bool parse_profile(struct command *command, const char *text, const struct mig_profile **profile) {
    *profile = mig_profile_by_name(text);
    if (*profile)
        return true;
    if (!supports_mig())
        return wrong(command, "profile: '%.32s' given, allowed: none, as %s cannot be divided", text, world.profile->product);
    char names[256] = "";
    for (unsigned i = 0; i < GPU_INSTANCE_PROFILES; i++) {
        const struct mig_profile *one = mig_profile(i);
        size_t used = strlen(names);
        if (one)
            snprintf(names + used, sizeof names - used, "%s%s", used ? " " : "", one->name);
    }
    return wrong(command, "profile: '%.32s' given, allowed: %s", text, names);
}

static bool parse_wish(struct command *command, struct wish *wish) {
    *wish = (struct wish){.start = ANYWHERE};
    int word = 4;
    uint64_t start;
    if (command->count < 4)
        return usage(command, 4, create_form);
    if (!parse_profile(command, command->words[3], &wish->profile))
        return false;
    if (command->count > word && !strchr(command->words[word], 'c')) {
        if (!parse_whole(command, "start", command->words[word++], MEMORY_SLICES - 1, &start))
            return false;
        wish->start = (unsigned)start;
    }
    for (; word < command->count; word++) {
        char *end;
        unsigned long slices = strtoul(command->words[word], &end, 10);
        if (strcmp(end, "c") != 0 || slices > MOST_INSTANCES || !compute_profile_of((unsigned)slices))
            return wrong(command, "compute instance: '%.32s' given, allowed: 1c, 2c, 3c, 4c or 7c", command->words[word]);
        wish->compute[wish->count++] = (unsigned)slices;
    }
    if (wish->count == 0)
        wish->compute[wish->count++] = wish->profile->slices;
    return true;
}

static void empty_instance(struct device *device, struct gpu_instance *instance) {
    unsigned kept = 0;
    for (unsigned i = 0; i < device->process_count; i++)
        if (!device->processes[i].partitioned || device->processes[i].gpu_instance != instance->id)
            device->processes[kept++] = device->processes[i];
    device->process_count = kept;
    for (unsigned i = 0; i < MOST_INSTANCES; i++) {
        struct compute_instance *one = compute_instance_at(device, i);
        if (one && one->gpu_instance == instance->id)
            *one = (struct compute_instance){0};
    }
    *instance = (struct gpu_instance){0};
}

/* All of it or nothing. */
static nvmlReturn_t divide(struct device *device, const struct wish *wish) {
    struct gpu_instance *created;
    struct compute_instance *one;
    pthread_mutex_lock(&device->lock);
    advance(device);
    nvmlReturn_t result = create_gpu_instance(device, wish->profile, wish->start, &created);
    bool begun = result == NVML_SUCCESS;
    for (int i = 0; i < wish->count && result == NVML_SUCCESS; i++)
        result = create_compute_instance(device, created, wish->compute[i], ANYWHERE, &one);
    if (begun && result != NVML_SUCCESS)
        empty_instance(device, created);
    pthread_mutex_unlock(&device->lock);
    return result;
}

static bool do_create(struct command *command, struct selection devices) {
    struct wish wish;
    if (!parse_wish(command, &wish))
        return false;
    if (command->mode == CHECK_ONLY)
        return true;
    EACH(devices, device) {
        switch (divide(device, &wish)) {
        case NVML_SUCCESS: break;
        case NVML_ERROR_NOT_SUPPORTED:
            return wrong(command, "mig: create given on device %u, allowed: after set %u mig_mode 1, and compute instances "
                                  "no larger than the profile", device->slot, device->slot);
        case NVML_ERROR_INVALID_ARGUMENT:
            return wrong(command, "start: %u given, allowed: where the profile may begin", wish.start);
        default: return wrong(command, "mig: one more %s given, allowed: what fits on device %u", wish.profile->name,
                              device->slot);
        }
        publish_event(device, EVENT_MIG_CONFIG_CHANGE, 0);
    }
    return true;
}

static bool do_destroy(struct command *command, struct selection devices) {
    uint64_t id = 0;
    bool all = is(command, 3, "all");
    if (!usage(command, 4, "mig <dev|all> destroy <number of the GPU instance|all>") ||
        (!all && !parse_whole(command, "GPU instance", command->words[3], 13, &id)))
        return false;
    if (command->mode == CHECK_ONLY)
        return true;
    EACH(devices, device) {
        bool any = false;
        pthread_mutex_lock(&device->lock);
        advance(device);
        for (int i = 0; i < MOST_INSTANCES; i++) {
            struct gpu_instance *instance = &device->mig.gpu_instances[i];
            if (!instance->profile || (!all && instance->id != id))
                continue;
            empty_instance(device, instance);
            any = true;
        }
        pthread_mutex_unlock(&device->lock);
        if (any)
            publish_event(device, EVENT_MIG_CONFIG_CHANGE, 0);
        else if (!all)
            return wrong(command, "GPU instance: %llu given, allowed: one of those that mig %u list shows",
                         (unsigned long long)id, device->slot);
    }
    return true;
}

static bool do_list(struct command *command) {
    struct selection devices;
    if (!usage(command, 3, "mig <dev> list") || !parse_devices(command, command->words[1], false, &devices))
        return false;
    if (command->mode == CHECK_ONLY)
        return true;
    struct device *device = &world.devices[devices.first];
    pthread_mutex_lock(&device->lock);
    for (unsigned index = 0; index < MOST_INSTANCES; index++) {
        const struct compute_instance *one = compute_instance_at(device, index);
        const struct gpu_instance *within = one ? gpu_instance_by_id(device, one->gpu_instance) : NULL;
        if (!within)
            continue;
        char name[MIG_NAME_LENGTH], uuid[MIG_UUID_LENGTH];
        compute_name(within->profile, one->slices, name, sizeof name);
        mig_uuid(device, one, uuid);
        fprintf(command->reply, "index=%u gi=%u ci=%u placement=%u:%u uuid=%s name=%s\n", index, within->id, one->id,
                within->placement.start, within->placement.size, uuid, name);
    }
    pthread_mutex_unlock(&device->lock);
    return true;
}

/* Before the first instance: handles that were given out stay as they are. */
static bool do_handles(struct command *command, struct selection devices) {
    bool reused = is(command, 3, "reused");
    if (!usage(command, 4, "mig <dev|all> handles <reused|new>"))
        return false;
    if (!reused && !is(command, 3, "new"))
        return wrong(command, "handles: '%.32s' given, allowed: reused or new", command->words[3]);
    if (command->mode == CHECK_ONLY)
        return true;
    EACH(devices, device) {
        pthread_mutex_lock(&device->lock);
        bool given_out = has_instances(device);
        if (!given_out)
            device->mig.reuses_handles = reused;
        pthread_mutex_unlock(&device->lock);
        if (given_out)
            return wrong(command, "handles: '%.32s' given, allowed: while there are none, after mig %u destroy all",
                         command->words[3], device->slot);
    }
    return true;
}

bool do_mig(struct command *command) {
    struct selection devices;
    if (command->count < 3)
        return usage(command, 3, "mig <dev|all> create, destroy or handles, or mig <dev> list");
    if (is(command, 2, "list"))
        return do_list(command);
    if (!parse_devices(command, command->words[1], true, &devices))
        return false;
    if (is(command, 2, "create"))
        return do_create(command, devices);
    if (is(command, 2, "destroy"))
        return do_destroy(command, devices);
    if (is(command, 2, "handles"))
        return do_handles(command, devices);
    return wrong(command, "mig: '%.32s' given, allowed: create, destroy, handles or list", command->words[2]);
}

/* ---- gi1.load, gi1.memory_used, gi1.sram_uncorrected ---- */

enum quantity { LOAD, MEMORY_USED, SRAM_UNCORRECTED };

/* gi<number> and the rest; whether the text begins so. */
static bool takes_number(const char **text, const char *prefix, unsigned *number) {
    size_t length = strlen(prefix);
    if (strncmp(*text, prefix, length) != 0 || !isdigit((unsigned char)(*text)[length]))
        return false;
    char *end;
    *number = (unsigned)strtoul(*text + length, &end, 10);
    *text = end;
    return true;
}

bool names_instance(struct command *command, int word) {
    unsigned id;
    const char *rest = command->count > word ? command->words[word] : "";
    return takes_number(&rest, "gi", &id) && *rest == '.';
}

static bool parse_quantity(struct command *command, const char *text, unsigned *id, enum quantity *quantity) {
    const char *rest = text;
    if (takes_number(&rest, "gi", id) && strcmp(rest, ".load") == 0) {
        *quantity = LOAD;
        return true;
    }
    if (strcmp(rest, ".memory_used") == 0) {
        *quantity = MEMORY_USED;
        return true;
    }
    if (strcmp(rest, ".sram_uncorrected") == 0) {
        *quantity = SRAM_UNCORRECTED;
        return true;
    }
    return wrong(command, "key: '%.64s' given, allowed: gi<number>.load, gi<number>.memory_used or "
                          "gi<number>.sram_uncorrected", text);
}

static bool no_instance(struct command *command, const struct device *device, unsigned id) {
    return wrong(command, "key: gi%u given, allowed: a GPU instance that mig %u list shows", id, device->slot);
}

static bool change_instance(struct command *command, struct selection devices, unsigned id, enum quantity quantity,
                            bool set, double load, uint64_t number) {
    EACH(devices, device) {
        pthread_mutex_lock(&device->lock);
        advance(device);
        struct gpu_instance *instance = gpu_instance_by_id(device, id);
        if (instance && quantity == LOAD) {
            instance->load_set = set;
            instance->load = load;
        } else if (instance && quantity == SRAM_UNCORRECTED) {
            instance->sram_errors = number;
        } else if (instance) {
            instance->memory_set = set;
            instance->memory_used = number;
        }
        pthread_mutex_unlock(&device->lock);
        if (!instance)
            return no_instance(command, device, id);
    }
    return true;
}

bool set_instance_words(struct command *command) {
    struct selection devices;
    unsigned id;
    enum quantity quantity;
    double load = 0;
    uint64_t bytes = 0;
    if (!usage(command, 4, "set <dev|all> <key> <value>") || !parse_devices(command, command->words[1], true, &devices) ||
        !parse_quantity(command, command->words[2], &id, &quantity) ||
        !(quantity == LOAD ? parse_ratio(command, command->words[2], command->words[3], &load)
                           : parse_whole(command, command->words[2], command->words[3], UINT64_MAX, &bytes)))
        return false;
    return command->mode == CHECK_ONLY || change_instance(command, devices, id, quantity, true, load, bytes);
}

bool unset_instance_words(struct command *command) {
    struct selection devices;
    unsigned id;
    enum quantity quantity;
    if (!usage(command, 3, "unset <dev|all> <key|all>") || !parse_devices(command, command->words[1], true, &devices) ||
        !parse_quantity(command, command->words[2], &id, &quantity))
        return false;
    return command->mode == CHECK_ONLY || change_instance(command, devices, id, quantity, false, 0, 0);
}

bool get_instance_words(struct command *command) {
    struct selection devices;
    unsigned id;
    enum quantity quantity;
    if (!usage(command, 3, "get <dev> or get <dev> <key>") || !parse_devices(command, command->words[1], false, &devices) ||
        !parse_quantity(command, command->words[2], &id, &quantity))
        return false;
    if (command->mode == CHECK_ONLY)
        return true;
    struct device *device = &world.devices[devices.first];
    pthread_mutex_lock(&device->lock);
    advance(device);
    const struct gpu_instance *instance = gpu_instance_by_id(device, id);
    if (instance && quantity == LOAD)
        fprintf(command->reply, "%s=%.6g\n", command->words[2], instance_load(instance, own_load(device)));
    else if (instance && quantity == SRAM_UNCORRECTED)
        fprintf(command->reply, "%s=%llu\n", command->words[2], (unsigned long long)instance->sram_errors);
    else if (instance)
        fprintf(command->reply, "%s=%llu\n", command->words[2],
                (unsigned long long)instance_memory_used(device, instance, own_load(device)));
    pthread_mutex_unlock(&device->lock);
    return instance || no_instance(command, device, id);
}

bool parse_instance(struct command *command, const char *text, struct process *process) {
    const char *rest = text;
    process->partitioned = takes_number(&rest, "gi", &process->gpu_instance);
    if (process->partitioned && (!*rest || takes_number(&rest, "ci", &process->compute_instance)) && !*rest)
        return true;
    return wrong(command, "instance: '%.32s' given, allowed: gi<number>, or gi<number>ci<number>", text);
}
