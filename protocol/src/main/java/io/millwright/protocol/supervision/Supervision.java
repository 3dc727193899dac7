package io.millwright.protocol.supervision;

import io.millwright.protocol.clock.Clock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The words of sd_notify(3), to the systemd that started this process. Where none did, nothing is
 * sent and nothing native is loaded.
 *
 * <p><i>Threading:</i> any thread; each word is one datagram. <i>Failure:</i> a word that cannot be
 * sent is lost, see {@link Datagrams}.
 */
public final class Supervision {
  private static final int LONGEST_STATUS = 400;

  private final Optional<Line> line;
  private final Optional<Duration> watchdog;
  private final Clock clock;

  private record Line(NotifyAddress address, Datagrams datagrams) {}

  private Supervision(Optional<Line> line, Optional<Duration> watchdog, Clock clock) {
    this.line = line;
    this.watchdog = watchdog;
    this.clock = clock;
  }

  /**
   * As the environment says it: {@code NOTIFY_SOCKET}, {@code WATCHDOG_USEC}, {@code WATCHDOG_PID}.
   *
   * @param pid of this process
   * @param datagrams asked for where there is somebody to speak to
   */
  public static Supervision of(
      Map<String, String> environment, long pid, Supplier<Datagrams> datagrams, Clock clock) {
    Optional<Line> line =
        Optional.ofNullable(environment.get("NOTIFY_SOCKET"))
            .flatMap(NotifyAddress::of)
            .map(address -> new Line(address, datagrams.get()));
    return new Supervision(
        line, line.isPresent() ? watchdog(environment, pid) : Optional.empty(), clock);
  }

  private static Optional<Duration> watchdog(Map<String, String> environment, long pid) {
    String meant = environment.getOrDefault("WATCHDOG_PID", Long.toString(pid));
    String micros = environment.getOrDefault("WATCHDOG_USEC", "");
    return meant.equals(Long.toString(pid)) && micros.matches("[1-9][0-9]{0,17}")
        ? Optional.of(Duration.of(Long.parseLong(micros), ChronoUnit.MICROS))
        : Optional.empty();
  }

  /** Whether a systemd hears. */
  public boolean heard() {
    return line.isPresent();
  }

  /** After so long without {@link #alive} the process is killed; empty where it is not. */
  public Optional<Duration> watchdog() {
    return watchdog;
  }

  /**
   * The service does its work; also that a reload has ended.
   *
   * @param status one line for {@code systemctl status}
   */
  public void ready(String status) {
    send("READY=1\nSTATUS=" + oneLine(status));
  }

  /** What {@code systemctl status} shows from now on. */
  public void status(String status) {
    send("STATUS=" + oneLine(status));
  }

  /**
   * A reload begins. The time of systemd 253 and later is CLOCK_MONOTONIC, which is what {@code
   * System.nanoTime} of HotSpot reads on Linux (os_linux.cpp, {@code os::javaTimeNanos}).
   */
  public void reloading() {
    send("RELOADING=1\nMONOTONIC_USEC=" + clock.nanos() / 1000);
  }

  /** An orderly stop begins. */
  public void stopping() {
    send("STOPPING=1\nSTATUS=stopping");
  }

  /** The service still turns. */
  public void alive() {
    send("WATCHDOG=1");
  }

  /** A line break would be another word of the protocol. */
  private static String oneLine(String text) {
    String line = text.replaceAll("\\p{Cntrl}", " ").strip();
    return line.length() > LONGEST_STATUS ? line.substring(0, LONGEST_STATUS) : line;
  }

  private void send(String words) {
    line.ifPresent(
        to -> to.datagrams().send(to.address().bytes(), words.getBytes(StandardCharsets.UTF_8)));
  }
}
