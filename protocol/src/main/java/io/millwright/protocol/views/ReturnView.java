package io.millwright.protocol.views;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * A part that goes back to whoever made it; {@code GET /v1/returns}.
 *
 * @param id as in {@code r7}
 * @param state {@code in-node} while the part was not seen to leave, {@code away}, {@code
 *     seen-again} or {@code ended}
 * @param node that had it when that was entered
 * @param leftMs when it was first seen to be gone
 * @param seenNode that has it again
 * @param seenMs when it was last seen to come back
 */
public record ReturnView(
    String id,
    String serial,
    String ticket,
    String state,
    String reason,
    String by,
    long atMs,
    Optional<String> node,
    OptionalLong leftMs,
    Optional<String> seenNode,
    OptionalLong seenMs,
    OptionalLong endedMs) {}
