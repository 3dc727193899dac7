package io.millwright.protocol.views;

/** One entry of the audit log; {@code GET /v1/audit}. */
public record AuditView(
    long sequence,
    long atMs,
    String by,
    String what,
    String subject,
    String before,
    String after,
    String reason,
    String previous,
    String hash) {}
