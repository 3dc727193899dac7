package io.millwright.collector.trust;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.orders.OrderSigner;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.Fingerprint;
import io.millwright.protocol.tls.JoinToken;
import io.millwright.protocol.tls.PeerIdentity;
import io.millwright.protocol.tls.Role;
import io.millwright.protocol.tls.SecretFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code millwright collector ca}: the site's certificate authority, on the machine that holds it.
 *
 * <p>A mistake is one sentence on stderr; exit codes: 0 done, 1 it failed, 64 usage.
 */
@Command(
    name = "ca",
    description = "The site's certificate authority: makes it, and says who is who.",
    mixinStandardHelpOptions = true,
    exitCodeOnInvalidInput = CaCommand.USAGE,
    subcommands = {
      CaCommand.Init.class,
      CaCommand.Token.class,
      CaCommand.Issue.class,
      CaCommand.Operator.class,
      CaCommand.Revoke.class,
      CaCommand.Repin.class,
      CaCommand.Renew.class,
      CaCommand.OrdersKey.class
    })
public final class CaCommand implements Runnable {
  static final int DONE = 0;
  static final int FAILED = 1;
  static final int USAGE = 64;

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(),
        "a verb is missing: init, token, issue, operator, revoke, repin, renew or orders-key");
  }

  /** Makes the authority. */
  @Command(
      name = "init",
      description = "Makes the authority and the collector's own certificate.",
      mixinStandardHelpOptions = true,
      exitCodeOnInvalidInput = USAGE)
  static final class Init implements Callable<Integer> {
    @Mixin private CaPlace place = new CaPlace();

    @Option(
        names = "--site",
        paramLabel = "NAME",
        defaultValue = "site",
        converter = CaWords.SiteName.class,
        description = "The name of the site, in every certificate; ${DEFAULT-VALUE} otherwise.")
    private String site = "";

    @Option(
        names = "--collector",
        paramLabel = "NAME",
        defaultValue = "collector-1",
        converter = CaWords.CollectorName.class,
        description = "The name of the collector; ${DEFAULT-VALUE} otherwise.")
    private String collector = "";

    @Option(
        names = "--host",
        paramLabel = "H",
        converter = CaWords.HostName.class,
        description =
            "A name or an address by which nodes and people reach the collector; may be given"
                + " again. Loopback is always among them.")
    private List<String> hosts = new ArrayList<>();

    @Override
    public Integer call() {
      return place.run(() -> {
        Authority made =
            Authority.create(place.directory(), site, collector, hosts, Clock.system());
        place.say(
            "authority of site %s in %s, SHA-256 %s"
                .formatted(site, place.directory(), Fingerprint.of(made.certificate()).hex()));
        place.say(
            "the collector's certificate is for " + String.join(", ", Hosts.withLoopback(hosts)));
      });
    }
  }

  /** Invites a node. */
  @Command(
      name = "token",
      description = "Writes a token with which one node may join once.",
      mixinStandardHelpOptions = true,
      exitCodeOnInvalidInput = USAGE)
  static final class Token implements Callable<Integer> {
    @Mixin private CaPlace place = new CaPlace();

    @Option(
        names = "--node",
        paramLabel = "NAME",
        required = true,
        converter = CaWords.NodeName.class,
        description = "The node that may join, as its node.name.")
    private String node = "";

    @Option(
        names = "--token-file",
        paramLabel = "F",
        required = true,
        description = "Where to write the token, readable by you alone; - for stdout.")
    private String file = "";

    @Option(
        names = "--ttl",
        paramLabel = "D",
        defaultValue = "1h",
        converter = CaWords.Ttl.class,
        description = "How long it may be used, from 1m to 7d; ${DEFAULT-VALUE} otherwise.")
    private Duration ttl = Duration.ZERO;

    @Option(
        names = "--replace",
        description =
            "The machine may take the place of the one that is in under this name, whose certificate is revoked then.")
    private boolean replace;

    @Override
    public Integer call() {
      return place.run(() -> {
        write(place.enrolment().invite(node, ttl, replace));
      });
    }

    private void write(JoinToken token) {
      if (file.equals("-")) {
        place.print(token.text());
        place.note("within %s, on %s: %s".formatted(words(ttl), token.node().words(), command()));
        return;
      }
      SecretFiles.createFile(Path.of(file), token.text());
      place.say(
          "token in %s: carry it to %s and type there within %s: %s"
              .formatted(file, token.node().words(), words(ttl), command()));
    }

    /** To be typed on the node; the collector's first host is where others reach it. */
    private String command() {
      return "millwright agent join --collector %s:9463 --token-file %s"
          .formatted(place.collectorHost(), file);
    }

    private static String words(Duration ttl) {
      return ttl.toString().substring(2).toLowerCase(Locale.ROOT);
    }
  }

  /** Certifies a node that cannot reach the collector to join. */
  @Command(
      name = "issue",
      description = "Makes a node's key and certificate here, to be carried to it.",
      mixinStandardHelpOptions = true,
      exitCodeOnInvalidInput = USAGE)
  static final class Issue implements Callable<Integer> {
    @Mixin private CaPlace place = new CaPlace();

    @Option(
        names = "--node",
        paramLabel = "NAME",
        required = true,
        converter = CaWords.NodeName.class,
        description = "The node, as its node.name.")
    private String node = "";

    @Option(
        names = "--out",
        paramLabel = "D",
        required = true,
        description = "The directory to make, with identity.pem and ca.pem.")
    private Path out = Path.of("");

    @Option(
        names = "--replace",
        description = "Revokes what the machine has that is in under this name.")
    private boolean replace;

    @Override
    public Integer call() {
      return place.run(() -> {
        SecretFiles.requireRoom(out);
        place.enrolment().carry(node, replace, credentials -> keep(place, credentials, out));
      });
    }
  }

  /** Takes certificates back. */
  @Command(
      name = "revoke",
      description = {
        "Takes back all certificates of a node, or one certificate by its serial number.",
        "A collector that runs closes the sessions within a minute."
      },
      mixinStandardHelpOptions = true,
      exitCodeOnInvalidInput = USAGE)
  static final class Revoke implements Callable<Integer> {
    @Mixin private CaPlace place = new CaPlace();
    @Mixin private Why why = new Why();

    @ArgGroup(multiplicity = "1")
    private Whose whose = new Whose();

    /** One of the two. */
    static final class Whose {
      @Option(
          names = "--node",
          paramLabel = "NAME",
          converter = CaWords.NodeName.class,
          description = "All that was issued to this node until now.")
      private @Nullable String node;

      @Option(
          names = "--serial",
          paramLabel = "HEX",
          converter = CaWords.Serial.class,
          description =
              "One certificate, also of an operator; its serial number as openssl shows it.")
      private @Nullable String serial;
    }

    @Override
    public Integer call() {
      String node = whose.node;
      return node == null
          ? why.done(place, Revocation.Kind.SERIAL, String.valueOf(whose.serial))
          : why.done(place, Revocation.Kind.NODE, node);
    }
  }

  /** Lets a node's hardware be another. */
  @Command(
      name = "repin",
      description = {
        "Forgets on which hardware a node was seen: its next session says on which it is.",
        "For a machine whose board and network cards were exchanged together."
      },
      mixinStandardHelpOptions = true,
      exitCodeOnInvalidInput = USAGE)
  static final class Repin implements Callable<Integer> {
    @Mixin private CaPlace place = new CaPlace();
    @Mixin private Why why = new Why();

    @Option(
        names = "--node",
        paramLabel = "NAME",
        required = true,
        converter = CaWords.NodeName.class,
        description = "The node, as its node.name.")
    private String node = "";

    @Override
    public Integer call() {
      return why.done(place, Revocation.Kind.HARDWARE, node);
    }
  }

  /** Why something is taken back, and how that is written down. */
  static final class Why {
    @Option(
        names = "--reason",
        paramLabel = "TEXT",
        required = true,
        description = "Why, for the audit log and for the node; one line.")
    private String reason = "";

    private int done(CaPlace place, Revocation.Kind kind, String subject) {
      return place.run(() -> {
        Authority authority = place.authority();
        Revocation revocation =
            place.checked(
                () -> Revocation.made(kind, subject, Clock.system().wall(), person(), reason));
        Authority.register(place.directory()).revoke(revocation);
        place.say(sentence(revocation, authority.site()));
      });
    }

    /** Whoever became this user to do it. */
    private static String person() {
      return Optional.ofNullable(System.getenv("SUDO_USER"))
          .orElseGet(() -> System.getProperty("user.name", "unknown"));
    }

    private static String sentence(Revocation revocation, String site) {
      return switch (revocation.kind()) {
        case NODE ->
            "all that was issued to node %s of site %s until %s is revoked"
                .formatted(revocation.subject(), site, revocation.at());
        case SERIAL ->
            "the certificate %s of site %s is revoked".formatted(revocation.subject(), site);
        case HARDWARE ->
            "the hardware of node %s of site %s is forgotten: its next session says on which it is"
                .formatted(revocation.subject(), site);
      };
    }
  }

  /** Gives the collector a new certificate before its year is over. */
  @Command(
      name = "renew",
      description = {
        "Makes the collector's own certificate anew, for the same names, where two thirds of its life are over.",
        "The collector shows it from its next start on; nodes need nothing."
      },
      mixinStandardHelpOptions = true,
      exitCodeOnInvalidInput = USAGE)
  static final class Renew implements Callable<Integer> {
    @Mixin private CaPlace place = new CaPlace();

    @Override
    public Integer call() {
      return place.run(() -> {
        Credentials own = place.authority().collector(place.directory());
        place.say(
            "the collector's certificate is in force until %s; it is shown from the next start of the collector on"
                .formatted(own.certificate().getNotAfter().toInstant()));
      });
    }
  }

  /** Shows by which key nodes know the collector's starts. */
  @Command(
      name = "orders-key",
      description = {
        "Prints the public key by which a node knows the starts that its collector signed.",
        "It is put on each node, as root, into /etc/millwright/orders.d.",
        "Makes the key where there is none: the collector signs from its next start on."
      },
      mixinStandardHelpOptions = true,
      exitCodeOnInvalidInput = USAGE)
  static final class OrdersKey implements Callable<Integer> {
    @Mixin private CaPlace place = new CaPlace();

    @ArgGroup(exclusive = true)
    private Which which = new Which();

    /** Of at most two. */
    static final class Which {
      @Option(
          names = "--next",
          description =
              "That of the next key, which signs nothing yet; to be put beside the present one on"
                  + " each node. Made where there is none.")
      private boolean next;

      @Option(
          names = "--exchange",
          description =
              "Puts the next key in the place of the present one, which is deleted: the collector"
                  + " signs with it from its next start on.")
      private boolean exchange;
    }

    @Override
    public Integer call() {
      return place.run(() -> {
        var _ = place.authority(); // or it would be made beside none
        OrderSigner signer = signer(Authority.orders(place.directory()));
        place.print(signer.key().pem());
        place.note(sentence(signer.key().id()));
      });
    }

    private OrderSigner signer(OrderPlace orders) {
      if (which.exchange) {
        return orders.exchange();
      }
      return which.next ? orders.next() : orders.present();
    }

    private String sentence(String id) {
      return which.exchange
          ? "key %s signs from the next start of the collector on; take the one of before from each node then"
              .formatted(id)
          : "key %s: as root on each node, in /etc/millwright/orders.d/%1$s.pub (mode 644)"
              .formatted(id);
    }
  }

  /** Certifies a person or a program. */
  @Command(
      name = "operator",
      description = "Makes the key and certificate of a person or a program.",
      mixinStandardHelpOptions = true,
      exitCodeOnInvalidInput = USAGE)
  static final class Operator implements Callable<Integer> {
    @Mixin private CaPlace place = new CaPlace();

    @Option(
        names = "--name",
        paramLabel = "NAME",
        required = true,
        converter = CaWords.OperatorName.class,
        description = "Who it is, as it stands in the audit log.")
    private String name = "";

    @Option(
        names = "--role",
        paramLabel = "ROLE",
        required = true,
        converter = CaWords.RoleWord.class,
        description = "viewer, operator or admin.")
    private Role role = Role.VIEWER;

    @Option(
        names = "--out",
        paramLabel = "D",
        required = true,
        description = "The directory to make, with identity.pem and ca.pem.")
    private Path out = Path.of("");

    @Override
    public Integer call() {
      return place.run(() -> {
        Authority authority = place.authority();
        keep(
            place,
            authority.issue(new PeerIdentity.Operator(authority.site(), role, name), List.of()),
            out);
      });
    }
  }

  private static void keep(CaPlace place, Credentials credentials, Path out) {
    PeerIdentity who = credentials.identity();
    credentials.create(out);
    place.say(
        "%s of site %s in %s, until %s"
            .formatted(
                who.words(), who.site(), out, credentials.certificate().getNotAfter().toInstant()));
  }
}
