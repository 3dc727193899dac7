/*
 * What Debian's nvidia-smi 535 asks besides the public interface: nvml.md section 10. Without this table it stops at
 * "Mismatch in versions". The first word is the table's size in bytes; the rest are functions, of which slots 26 and 81
 * were seen to be called; all answer 0.
 */
#include <string.h>

#include "abi_exports.h"

#define SLOTS 256

static nvmlReturn_t answer_zero(void) { return 0; }

static const void *table[SLOTS];
static pthread_once_t filled = PTHREAD_ONCE_INIT;

static void fill_table(void) {
    table[0] = (const void *)(uintptr_t)sizeof table;
    for (int slot = 1; slot < SLOTS; slot++)
        table[slot] = (const void *)(uintptr_t)answer_zero;
}

EXPORTED nvmlReturn_t nvmlInternalGetExportTable(const void **to, const void *id);
EXPORTED nvmlReturn_t nvmlInternalGetExportTable(const void **to, const void *id) {
    static const unsigned char as_bytes[16] = {0xc4, 0xfe, 0x3e, 0x6c, 0xc9, 0x8f, 0x6c, 0x4e,
                                               0xa3, 0x27, 0xee, 0x69, 0x6e, 0x12, 0xf7, 0xc4};
    static const uint32_t as_words[4] = {0xc4fe3e6c, 0xc98f6c4e, 0xa327ee69, 0x6e12f7c4};
    nvmlReturn_t entered = enter_uninitialized(FUNCTION_nvmlInternalGetExportTable);
    if (entered != NVML_SUCCESS)
        return entered;
    NEED(to && id);
    if (memcmp(id, as_bytes, sizeof as_bytes) != 0 && memcmp(id, as_words, sizeof as_words) != 0)
        return NVML_ERROR_NOT_FOUND;
    pthread_once(&filled, fill_table);
    *to = table;
    return NVML_SUCCESS;
}
