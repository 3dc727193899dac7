package io.millwright.protocol.views;

/**
 * Why a request was refused, as RFC 9457 has it.
 *
 * @param type {@code about:blank}: the status says what kind it is
 * @param title the status in words
 * @param status of HTTP
 * @param detail one sentence with the field, what was given, what is allowed, and the remedy
 */
public record Problem(String type, String title, int status, String detail) {}
