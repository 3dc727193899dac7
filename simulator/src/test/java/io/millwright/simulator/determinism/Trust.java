package io.millwright.simulator.determinism;

import io.millwright.collector.trust.DemoTrust;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.MutualTls;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Real certificates of one site, made once for all histories. */
final class Trust {
  static final String SITE = "test";
  static final List<String> NODES = List.of("n1", "n2", "n3");

  private final Map<String, X509Certificate> nodes = new HashMap<>();
  private final Map<String, MutualTls> ofNodes = new HashMap<>();
  private final X509Certificate collector;
  private final MutualTls ofCollector;

  Trust(Path directory, List<String> names) {
    Clock clock = new VirtualClock();
    DemoTrust made = DemoTrust.create(directory, SITE, names, clock);
    Credentials own = Credentials.read(made.collector());
    collector = own.certificate();
    ofCollector = new MutualTls(own, clock);
    for (String name : names) {
      Credentials node = Credentials.read(made.node(name));
      nodes.put(name, node.certificate());
      ofNodes.put(name, new MutualTls(node, clock));
    }
  }

  MutualTls node(String name) {
    return known(ofNodes.get(name));
  }

  MutualTls collector() {
    return ofCollector;
  }

  StandInTls towardsCollector() {
    return new StandInTls(collector);
  }

  StandInTls towardsNode(String name) {
    return new StandInTls(known(nodes.get(name)));
  }

  private static <T> T known(@Nullable T found) {
    if (found == null) {
      throw new IllegalArgumentException("no such node");
    }
    return found;
  }
}
