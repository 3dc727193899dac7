/*
 * What the products can be divided into. Names, the numbers by which a profile is asked for, how many there are, where
 * they may lie, and the figures marked (public) are those that `nvidia-smi mig -lgip` printed on such a machine, as posted
 * in public: B200 in NVIDIA/mig-parted #166 and #187, GB200 in NVIDIA/mig-parted #227, H200 in NVIDIA/mig-parted #120,
 * H100 in jbarrow.ai/field_notes/nvidia-mig and NVIDIA's MIG user guide. The other figures are plausible and follow from
 * them: B300 and GB300 have GB200's engines, and the names' share of their memory.
 */
#include <string.h>

#include "world.h"

#define SHAPES 7

/* What all these products have in common. Compute slices are seven, memory slices eight. */
static const struct shape {
    unsigned profile, id, slices, size, starts, decoders, ofas;
    const char *surplus;
} shapes[SHAPES] = {
    {0, 19, 1, 1, 0x7F, 1, 0, ""},    {7, 20, 1, 1, 0x7F, 1, 1, "+me"}, {9, 15, 1, 2, 0x55, 1, 0, ""},
    {1, 14, 2, 2, 0x15, 2, 0, ""},    {2, 9, 3, 4, 0x11, 3, 0, ""},     {3, 5, 4, 4, 0x01, 4, 0, ""},
    {4, 0, 7, 8, 0x01, 7, 1, ""},
};

/* In the order of the shapes. */
struct product {
    const char *name;
    const char *names[SHAPES];
    unsigned multiprocessors[SHAPES], copy_engines[SHAPES], memory_mib[SHAPES];
};

#define HOPPER_ENGINES                                                                                            \
    .multiprocessors = {16, 16, 26, 32, 60, 64, 132} /* (public) */, .copy_engines = {1, 1, 1, 2, 3, 4, 8} /* (public) */
#define GRACE_BLACKWELL_ENGINES                                                                                   \
    .multiprocessors = {18, 18, 32 /* (public) */, 38 /* (public) */, 70, 76, 152}, .copy_engines = {2, 2, 2, 4, 6, 8, 16}

static const struct product products[] = {
    {.name = "h100", .names = {"1g.10gb", "1g.10gb", "1g.20gb", "2g.20gb", "3g.40gb", "4g.40gb", "7g.80gb"}, HOPPER_ENGINES,
     .memory_mib = {9984, 9984, 20096, 20096, 40448 /* (public) */, 40448, 80896}},
    {.name = "old-535", .names = {"1g.10gb", "1g.10gb", "1g.20gb", "2g.20gb", "3g.40gb", "4g.40gb", "7g.80gb"},
     HOPPER_ENGINES, .memory_mib = {9984, 9984, 20096, 20096, 40448, 40448, 80896}},
    {.name = "h200", .names = {"1g.18gb", "1g.18gb", "1g.35gb", "2g.35gb", "3g.71gb", "4g.71gb", "7g.141gb"}, HOPPER_ENGINES,
     .memory_mib = {16384, 16384, 33024, 33024, 71168, 71168 /* (public) */, 142848}},
    {.name = "b200", .names = {"1g.23gb", "1g.23gb", "1g.45gb", "2g.45gb", "3g.90gb", "4g.90gb", "7g.180gb"},
     .multiprocessors = {18, 18, 30, 36 /* (public) */, 70, 72, 148}, .copy_engines = {2, 2, 2, 4 /* (public) */, 6, 8, 16},
     .memory_mib = {22528, 22528, 45312, 45312 /* (public) */, 91136, 91136, 182272}},
    {.name = "b300", .names = {"1g.34gb", "1g.34gb", "1g.67gb", "2g.67gb", "3g.135gb", "4g.135gb", "7g.269gb"},
     GRACE_BLACKWELL_ENGINES, .memory_mib = {33792, 33792, 68096, 68096, 136704, 136704, 273408}},
    {.name = "gb200", .names = {"1g.23gb", "1g.23gb", "1g.47gb", "2g.47gb", "3g.93gb", "4g.93gb", "7g.186gb"},
     GRACE_BLACKWELL_ENGINES, .memory_mib = {22528 /* (public) */, 22528, 46592, 46592 /* (public) */, 93696, 93696, 187392}},
    {.name = "gb300", .names = {"1g.35gb", "1g.35gb", "1g.70gb", "2g.70gb", "3g.139gb", "4g.139gb", "7g.278gb"},
     GRACE_BLACKWELL_ENGINES, .memory_mib = {34816, 34816, 70144, 70144, 140800, 140800, 281600}},
};

static struct mig_profile profiles[SHAPES]; /* of the world's product */
static bool supported;

void choose_mig_profiles(void) {
    supported = false;
    for (size_t i = 0; i < sizeof products / sizeof *products; i++) {
        const struct product *product = &products[i];
        if (strcmp(product->name, world.profile->name) != 0)
            continue;
        supported = true;
        for (int at = 0; at < SHAPES; at++) {
            const struct shape *shape = &shapes[at];
            profiles[at] = (struct mig_profile){
                .profile = shape->profile, .id = shape->id, .slices = shape->slices, .size = shape->size,
                .starts = shape->starts, .multiprocessors = product->multiprocessors[at],
                .copy_engines = product->copy_engines[at], .decoders = shape->decoders, .jpegs = shape->decoders,
                .ofas = shape->ofas, .memory_mib = product->memory_mib[at]};
            snprintf(profiles[at].name, sizeof profiles[at].name, "%s%s", product->names[at], shape->surplus);
        }
    }
}

bool supports_mig(void) { return supported; }

const struct mig_profile *mig_profile(unsigned profile) {
    for (int at = 0; supports_mig() && at < SHAPES; at++)
        if (profiles[at].profile == profile)
            return &profiles[at];
    return NULL;
}

const struct mig_profile *mig_profile_by_id(unsigned id) {
    for (int at = 0; supports_mig() && at < SHAPES; at++)
        if (profiles[at].id == id)
            return &profiles[at];
    return NULL;
}

const struct mig_profile *mig_profile_by_name(const char *name) {
    for (int at = 0; supports_mig() && at < SHAPES; at++)
        if (strcmp(profiles[at].name, name) == 0)
            return &profiles[at];
    return NULL;
}

static const struct compute_profile compute_profiles[] = {{0, 0, 1}, {1, 1, 2}, {2, 2, 3}, {3, 3, 4}, {4, 4, 7}};
#define COMPUTE_SHAPES (sizeof compute_profiles / sizeof *compute_profiles)

const struct compute_profile *compute_profile(unsigned profile) {
    for (size_t i = 0; i < COMPUTE_SHAPES; i++)
        if (compute_profiles[i].profile == profile)
            return &compute_profiles[i];
    return NULL;
}

const struct compute_profile *compute_profile_by_id(unsigned id) {
    for (size_t i = 0; i < COMPUTE_SHAPES; i++)
        if (compute_profiles[i].id == id)
            return &compute_profiles[i];
    return NULL;
}

const struct compute_profile *compute_profile_of(unsigned slices) {
    for (size_t i = 0; i < COMPUTE_SHAPES; i++)
        if (compute_profiles[i].slices == slices)
            return &compute_profiles[i];
    return NULL;
}

/* Each begins at a multiple of the next power of two, as far as it fits. */
unsigned compute_starts(const struct mig_profile *of, unsigned slices) {
    unsigned step = slices <= 2 ? slices : slices <= 4 ? 4 : 8, starts = 0;
    for (unsigned start = 0; start + slices <= of->slices; start += step)
        starts |= 1U << start;
    return starts;
}
