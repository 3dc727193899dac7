package io.millwright.collector.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.Fingerprint;
import io.millwright.protocol.tls.PeerIdentity;
import io.millwright.protocol.tls.TlsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The authority as a directory. */
class AuthorityTest {
  private final TestClock clock = new TestClock(Instant.parse("2026-11-21T12:00:00Z"));

  @TempDir private Path directory = Path.of("");

  @Test
  void isForItsOwnerAlone() throws IOException {
    Path ca = create();

    assertThat(modes(ca))
        .containsExactly(
            ". rwx------",
            "ca-key.pem rw-------",
            "ca.pem rw-------",
            "collector rwx------",
            "collector/ca.pem rw-------",
            "collector/identity.pem rw-------",
            "collector/orders-key.pem rw-------");
    assertThat(directory).isDirectoryNotContaining("glob:**.partial");
  }

  @Test
  void isTheSameWhenOpenedAgain() {
    Path ca = create();
    Authority opened = Authority.open(ca, clock);

    assertThat(opened.site()).isEqualTo("hall-a");
    Credentials collector = opened.collector(ca);
    assertThat(collector.identity()).isEqualTo(new PeerIdentity.Collector("hall-a", "c1"));
    assertThat(collector.authority()).isEqualTo(opened.certificate());
    assertThat(collector.hosts())
        .containsExactly(
            "collector.example.org", "localhost", "192.0.2.7", "127.0.0.1", "0:0:0:0:0:0:0:1");
  }

  @Test
  void isMadeOnce() throws IOException {
    Path ca = create();
    Fingerprint first = Fingerprint.of(Authority.open(ca, clock).certificate());

    assertThatThrownBy(() -> Authority.create(ca, "hall-b", "c1", List.of(), clock))
        .isInstanceOf(TlsException.class)
        .hasMessageContaining("holds an authority already")
        .hasMessageContaining("name another directory");
    assertThat(Fingerprint.of(Authority.open(ca, clock).certificate())).isEqualTo(first);
  }

  @Test
  void isNotMadeAmongOtherFiles() throws IOException {
    Path full = Files.createDirectory(directory.resolve("full"));
    Files.writeString(full.resolve("notes"), "mine");

    assertThatThrownBy(() -> Authority.create(full, "hall-a", "c1", List.of(), clock))
        .hasMessageContaining("is there already and is not empty");
    assertThat(full).isDirectoryContaining("glob:**/notes");
    assertThat(directory).isDirectoryNotContaining("glob:**.partial");
  }

  @Test
  void isMadeInAnEmptyDirectory() throws IOException {
    Path empty = Files.createDirectory(directory.resolve("empty"));

    Authority.create(empty, "hall-a", "c1", List.of(), clock);

    assertThat(Authority.open(empty, clock).site()).isEqualTo("hall-a");
  }

  @Test
  void saysHowToMakeOne() {
    Path absent = directory.resolve("absent");

    assertThatThrownBy(() -> Authority.open(absent, clock))
        .hasMessage(
            "there is no authority in %s: make one with 'millwright collector ca init --dir %1$s'"
                .formatted(absent));
  }

  @Test
  void saysWhatAnInterruptedInitLeft() throws IOException {
    Path ca = directory.resolve("ca");
    Path partial = Files.createDirectory(directory.resolve("ca.partial"));
    Files.writeString(partial.resolve("ca.pem"), "half");

    assertThatThrownBy(() -> Authority.open(ca, clock))
        .hasMessageContaining(partial + " is left of a 'ca init' that was interrupted: remove it");
    assertThatThrownBy(() -> Authority.create(ca, "hall-a", "c1", List.of(), clock))
        .hasMessageContaining(partial + " is left of an attempt that was interrupted")
        .hasMessageContaining("remove it and try again");
    assertThat(ca).doesNotExist();
    assertThat(partial.resolve("ca.pem")).hasContent("half");
  }

  @Test
  void saysWhatIsMissing() throws IOException {
    Path ca = create();
    Files.delete(ca.resolve("ca-key.pem"));

    for (Runnable act : List.<Runnable>of(() -> Authority.open(ca, clock), this::create)) {
      assertThatThrownBy(act::run)
          .hasMessageContaining(
              "is not whole, ca-key.pem is missing: restore the directory from its backup");
    }
  }

  @Test
  void saysThatTheKeyIsAnothers() throws IOException {
    Path ca = create();
    Authority.create(directory.resolve("other"), "hall-a", "c1", List.of(), clock);
    Files.copy(
        directory.resolve("other/ca-key.pem"),
        ca.resolve("ca-key.pem"),
        StandardCopyOption.REPLACE_EXISTING);

    assertThatThrownBy(() -> Authority.open(ca, clock))
        .hasMessageContaining("is not whole, ca-key.pem is not the key of ca.pem: restore");
  }

  @Test
  void saysThatAFileIsCutOff() throws IOException {
    Path ca = create();
    String text = Files.readString(ca.resolve("ca.pem"));
    Files.writeString(ca.resolve("ca.pem"), text.substring(0, text.length() / 2));

    assertThatThrownBy(() -> Authority.open(ca, clock))
        .hasMessage(
            ca.resolve("ca.pem")
                + " holds no certificate: -----BEGIN CERTIFICATE----- is missing or cut off");
  }

  @Test
  void refusesAKeyThatOthersMayRead() throws IOException {
    Path ca = create();
    Path key = ca.resolve("ca-key.pem");
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));

    assertThatThrownBy(() -> Authority.open(ca, clock))
        .hasMessage(
            "%s has the mode rw-r--r--, allowed is that nobody else reads it: chmod 600 %1$s"
                .formatted(key));
  }

  @Test
  void renewsTheCollectorsOwnCertificate() {
    Path ca = create();
    Credentials first = Authority.open(ca, clock).collector(ca);
    clock.pass(Duration.ofDays(200));
    assertThat(Authority.open(ca, clock).collector(ca).certificate())
        .isEqualTo(first.certificate());

    clock.pass(Duration.ofDays(50));
    Credentials renewed = Authority.open(ca, clock).collector(ca);

    assertThat(renewed.certificate()).isNotEqualTo(first.certificate());
    assertThat(renewed.identity()).isEqualTo(first.identity());
    assertThat(renewed.hosts()).isEqualTo(first.hosts());
    assertThat(Authority.open(ca, clock).collector(ca).certificate())
        .isEqualTo(renewed.certificate());
  }

  @Test
  void certifiesNobodyBeyondItsOwnEnd() {
    Path ca = create();
    clock.pass(Duration.ofDays(3652 - 10));
    Authority authority = Authority.open(ca, clock);

    assertThat(
            authority
                .issue(new PeerIdentity.Node("hall-a", "gpu-07"), List.of())
                .certificate()
                .getNotAfter())
        .isEqualTo(authority.certificate().getNotAfter());
  }

  @Test
  void certifiesNobodyOfAnotherSite() {
    Authority authority = Authority.open(create(), clock);

    assertThatThrownBy(() -> authority.issue(new PeerIdentity.Node("hall-b", "gpu-07"), List.of()))
        .hasMessageContaining("node gpu-07 of site hall-b cannot be certified");
  }

  @Test
  void aDemonstrationHasAWholeSite() {
    DemoTrust trust =
        DemoTrust.create(directory.resolve("demo"), "demo", List.of("n1", "n2"), clock);

    assertThat(
            Stream.of(trust.collector(), trust.admin(), trust.node("n1"), trust.node("n2"))
                .map(path -> Credentials.read(path).identity().uri()))
        .containsExactly(
            "millwright://demo/collector/collector-1",
            "millwright://demo/operator/admin/demo",
            "millwright://demo/node/n1",
            "millwright://demo/node/n2");
    assertThat(Authority.open(trust.authority(), clock).site()).isEqualTo("demo");
  }

  private Path create() {
    Path ca = directory.resolve("ca");
    Authority.create(ca, "hall-a", "c1", List.of("collector.example.org", "192.0.2.7"), clock);
    return ca;
  }

  private static List<String> modes(Path top) throws IOException {
    try (Stream<Path> tree = Files.walk(top)) {
      List<String> found = new ArrayList<>();
      for (Path path : tree.sorted().toList()) {
        String name = path.equals(top) ? "." : top.relativize(path).toString();
        found.add(name + " " + PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
      }
      return found;
    }
  }
}
