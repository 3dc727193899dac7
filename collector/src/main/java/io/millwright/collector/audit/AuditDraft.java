package io.millwright.collector.audit;

/**
 * What an entry will say; its number, its time and its hash come when it is written.
 *
 * @param by who asked, as the name of a token, or what acted by itself, as in {@code policy}
 * @param what was done, as in {@code node.cordon}
 * @param subject what it was done to, as in {@code n1}
 * @param before how it stood; empty where there was nothing
 * @param after how it stands; empty where there is nothing left
 * @param reason in the words of whoever asked
 */
public record AuditDraft(
    String by, String what, String subject, String before, String after, String reason) {}
