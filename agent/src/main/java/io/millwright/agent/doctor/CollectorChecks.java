package io.millwright.agent.doctor;

import io.millwright.agent.config.AgentConfig;
import io.millwright.protocol.bodies.DoctorCheck;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.TlsException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is looked at of the way to the collector, and of the agent's own port. */
final class CollectorChecks {
  private static final int CONNECT_MS = 2000;
  private static final long FEW_DAYS = 7;

  private CollectorChecks() {}

  /**
   * @param connected whether a session is open; empty where only its agent knows
   */
  static List<DoctorCheck> of(AgentConfig config, Optional<Boolean> connected, Clock clock) {
    List<DoctorCheck> checks = new ArrayList<>();
    if (config.collector().wanted()) {
      checks.add(certificate(config, clock));
      checks.add(connected.map(open -> session(config, open)).orElseGet(() -> reachable(config)));
    } else {
      checks.add(
          DoctorCheck.skipped("collector", "collector.address is empty: the node is alone", ""));
    }
    if (connected.isEmpty()) {
      checks.add(page(config));
    }
    return checks;
  }

  private static DoctorCheck certificate(AgentConfig config, Clock clock) {
    try {
      Credentials own = Credentials.read(Path.of(config.collector().credentials()));
      Duration left = Duration.between(clock.wall(), own.certificate().getNotAfter().toInstant());
      String found = "the node's certificate ends in %d days".formatted(left.toDays());
      if (left.isNegative()) {
        return DoctorCheck.fail(
            "certificate",
            "the node's certificate has ended",
            "it is renewed by itself for 30 days after its end, where the collector is reached and runs with --authority; after that join again, with a token of --replace");
      }
      return left.toDays() < FEW_DAYS
          ? DoctorCheck.warn("certificate", found, "see in the agent's log why it was not renewed")
          : DoctorCheck.ok("certificate", found);
    } catch (TlsException | IllegalArgumentException e) {
      return DoctorCheck.fail(
          "certificate",
          String.valueOf(e.getMessage()),
          "run as the agent's user; where there is none, 'millwright-agent join'");
    }
  }

  private static DoctorCheck session(AgentConfig config, boolean open) {
    String where = config.collector().address();
    return open
        ? DoctorCheck.ok("collector", "a session with %s is open".formatted(where))
        : DoctorCheck.fail(
            "collector",
            "no session with %s is open".formatted(where),
            "the agent's log says why: 'journalctl -u millwright-agent'");
  }

  private static DoctorCheck reachable(AgentConfig config) {
    String where = config.collector().address();
    return answers(config.collector().host(), config.collector().port())
        .map(why ->
            DoctorCheck.fail(
                "collector",
                "%s cannot be reached: %s".formatted(where, why),
                "see that it runs, its name resolves, and its port is open"))
        .orElseGet(() -> DoctorCheck.ok("collector", "%s can be reached".formatted(where)));
  }

  /** Of the agent that runs, where one does. */
  private static DoctorCheck page(AgentConfig config) {
    String where = config.listen().toString();
    if (config.listen().port() == 0) {
      return DoctorCheck.skipped("page", "the system chooses its port", "");
    }
    return answers(loopback(config.listen().host()), config.listen().port())
        .map(why ->
            DoctorCheck.warn(
                "page",
                "no agent serves %s: %s".formatted(where, why),
                "'systemctl start millwright-agent', and 'systemctl status' says why it ended"))
        .orElseGet(() -> DoctorCheck.ok("page", "%s is served".formatted(where)));
  }

  private static String loopback(String host) {
    return switch (host) {
      case "0.0.0.0" -> "127.0.0.1";
      case "::" -> "::1";
      default -> host;
    };
  }

  /** Why not. */
  private static Optional<String> answers(String host, int port) {
    try (Socket socket = new Socket()) {
      InetSocketAddress address = new InetSocketAddress(host, port);
      if (address.isUnresolved()) {
        return Optional.of("its name is not known here");
      }
      socket.connect(address, CONNECT_MS);
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }
}
