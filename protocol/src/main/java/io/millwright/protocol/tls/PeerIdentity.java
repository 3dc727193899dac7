package io.millwright.protocol.tls;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who somebody is: the one URI of the scheme {@code millwright} among a certificate's alternative
 * names, as in {@code millwright://hall-a/node/gpu-07}.
 */
public sealed interface PeerIdentity {
  /** The site whose authority says so. */
  String site();

  /** {@code millwright://SITE/…}. */
  String uri();

  /** For sentences, as in {@code node gpu-07}. */
  String words();

  /** The extended key usages of such a certificate; no more and no fewer. */
  Set<Purpose> purposes();

  /** An agent. */
  record Node(String site, String name) implements PeerIdentity {
    public Node {
      Names.site(site);
      Names.node(name);
    }

    @Override
    public String uri() {
      return Form.of(site, "node/" + name);
    }

    @Override
    public String words() {
      return "node " + name;
    }

    @Override
    public Set<Purpose> purposes() {
      return Set.of(Purpose.CLIENT);
    }
  }

  /** A collector: a server for agents and operators, a client of other collectors. */
  record Collector(String site, String id) implements PeerIdentity {
    public Collector {
      Names.site(site);
      Names.collector(id);
    }

    @Override
    public String uri() {
      return Form.of(site, "collector/" + id);
    }

    @Override
    public String words() {
      return "collector " + id;
    }

    @Override
    public Set<Purpose> purposes() {
      return Set.of(Purpose.SERVER, Purpose.CLIENT);
    }
  }

  /** A person or a program that looks at the fleet or changes it. */
  record Operator(String site, Role role, String name) implements PeerIdentity {
    public Operator {
      Names.site(site);
      Names.operator(name);
    }

    @Override
    public String uri() {
      return Form.of(site, "operator/" + role.word() + "/" + name);
    }

    @Override
    public String words() {
      return "operator %s (%s)".formatted(name, role.word());
    }

    @Override
    public Set<Purpose> purposes() {
      return Set.of(Purpose.CLIENT);
    }
  }

  /** The identity of such a URI; empty where it is none. */
  static Optional<PeerIdentity> ofUri(String uri) {
    return Form.parse(uri);
  }

  /** The identity that a certificate says; empty where it says none, or more than one. */
  static Optional<PeerIdentity> of(X509Certificate certificate) {
    List<String> uris =
        AlternativeNames.uris(certificate).stream().filter(u -> u.startsWith(Form.SCHEME)).toList();
    return uris.size() == 1 ? ofUri(uris.getFirst()) : Optional.empty();
  }

  /** How it is written. */
  final class Form {
    static final String SCHEME = "millwright://";
    private static final Pattern URI =
        Pattern.compile("millwright://([^/]+)/(node|collector|operator)/(?:([a-z]+)/)?([^/]+)");

    private Form() {}

    private static String of(String site, String path) {
      return SCHEME + site + "/" + path;
    }

    private static Optional<PeerIdentity> parse(String uri) {
      Matcher parts = URI.matcher(uri);
      if (!parts.matches()) {
        return Optional.empty();
      }
      try {
        return identity(
            parts.group(1), parts.group(2), Optional.ofNullable(parts.group(3)), parts.group(4));
      } catch (IllegalArgumentException noName) {
        return Optional.empty();
      }
    }

    private static Optional<PeerIdentity> identity(
        String site, String kind, Optional<String> role, String name) {
      if (kind.equals("operator")) {
        return role.flatMap(Role::ofWord).map(known -> new Operator(site, known, name));
      }
      if (role.isPresent()) {
        return Optional.empty();
      }
      return Optional.of(kind.equals("node") ? new Node(site, name) : new Collector(site, name));
    }
  }
}
