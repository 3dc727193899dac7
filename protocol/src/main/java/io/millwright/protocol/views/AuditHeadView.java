package io.millwright.protocol.views;

/**
 * What a node has kept of the audit log; {@code GET /v1/audit/heads}.
 *
 * @param verdict {@code agrees}, {@code restored}, {@code other-store} or {@code contradicts}
 * @param store id of the store in which the log was
 * @param generation of that store
 * @param sequence number of the entry that was the newest
 * @param hash of that entry
 * @param seenMs when the node was told, by its own clock
 * @param why what was found, as a clause behind the entry
 */
public record AuditHeadView(
    String node,
    String verdict,
    String store,
    long generation,
    long sequence,
    String hash,
    long seenMs,
    String why) {}
