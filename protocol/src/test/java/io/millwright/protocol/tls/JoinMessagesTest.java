package io.millwright.protocol.tls;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What travels when a node joins. */
class JoinMessagesTest {
  private static final String SECRET = "abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE";
  private static final JoinToken TOKEN =
      new JoinToken(new PeerIdentity.Node("hall-a", "gpu-07"), Fingerprint.of("authority"), SECRET);

  @TempDir private Path directory = Path.of("");

  @Test
  void aTokenIsReadAsItIsWritten() {
    assertThat(JoinToken.parse(TOKEN.text())).isEqualTo(TOKEN);
    assertThat(JoinToken.read(new ByteArrayInputStream(TOKEN.text().getBytes(UTF_8))))
        .isEqualTo(TOKEN);
    assertThat(JoinToken.parse(TOKEN.text().strip() + "\r\n")).isEqualTo(TOKEN);
  }

  @Test
  void noTextShowsASecret() {
    assertThat(TOKEN.toString()).isEqualTo("join token of node gpu-07");
    assertThat(JoinRequest.of(SECRET, new byte[] {1}).toString()).doesNotContain(SECRET);
    assertThatThrownBy(() -> JoinToken.parse("mwjoin1:hall-a:gpu-07:" + SECRET))
        .isInstanceOf(TlsException.class)
        .hasMessageContaining("allowed is the one line that 'millwright collector ca token' wrote")
        .hasMessageNotContaining(SECRET);
    assertThatThrownBy(() -> JoinRequest.of(SECRET + "x", new byte[] {1}))
        .hasMessageNotContaining(SECRET);
  }

  @Test
  void aTokenFileIsForItsOwnerAlone() throws IOException {
    Path file = directory.resolve("token");
    SecretFiles.createFile(file, TOKEN.text());
    assertThat(JoinToken.read(file)).isEqualTo(TOKEN);

    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertThatThrownBy(() -> JoinToken.read(file))
        .hasMessageEndingWith("allowed is that nobody else reads it: chmod 600 " + file);
  }

  @Test
  void aRequestIsReadAsItIsWritten() {
    JoinRequest request = JoinRequest.of(SECRET, new byte[] {1, 2, 3});

    assertThat(JoinRequest.parse(request.bytes())).contains(request);
    assertThat(request.der()).containsExactly(1, 2, 3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "millwright-join 1",
        "millwright-join 1\n",
        "millwright-join 2\ntoken S\nrequest AQID\n",
        "millwright-join 1\ntoken S\n",
        "millwright-join 1\ntoken S\nrequest AQID",
        "millwright-join 1\ntoken S\nrequest AQID\nrole admin\n",
        "millwright-join 1\ntoken S\ntoken S\nrequest AQID\n",
        "millwright-join 1\ntoken S\nrequest A*ID\n",
        "millwright-join 1\ntoken short\nrequest AQID\n",
        "millwright-join 1\r\ntoken S\r\nrequest AQID\r\n",
        "millwright-join 1\n\ntoken S\nrequest AQID\n",
      })
  void nothingElseIsARequest(String text) {
    assertThat(JoinRequest.parse(text.replace(" S\n", " " + SECRET + "\n").getBytes(UTF_8)))
        .isEmpty();
  }

  @Test
  void aRequestIsBounded() {
    byte[] largest = JoinRequest.of(SECRET, new byte[3000 - 1]).bytes();
    byte[] larger = JoinRequest.of(SECRET, new byte[3100]).bytes();

    assertThat(largest.length).isLessThanOrEqualTo(4096);
    assertThat(JoinRequest.parse(largest)).isPresent();
    assertThat(JoinRequest.parse(larger)).isEmpty();
  }

  @Test
  void aRefusalIsReadAsItIsWritten() {
    JoinAnswer.Refused refused =
        new JoinAnswer.Refused(JoinAnswer.Reason.TOKEN_USED, "the token was used already");

    assertThat(JoinAnswer.parse(refused.bytes())).isEqualTo(refused);
  }

  @Test
  void aSentenceCannotSteerATerminalOrForgeALine() {
    assertThat(
            new JoinAnswer.Refused(JoinAnswer.Reason.OTHER, "a\u001b[2J\ncertificate x\u202e")
                .sentence())
        .isEqualTo("a?[2J?certificate x?");
  }

  /** A newer collector may have more reasons. */
  @Test
  void anUnknownReasonKeepsItsSentence() {
    assertThat(
            JoinAnswer.parse(
                "millwright-join-answer 1\nrefused full\nsentence no room\n".getBytes(UTF_8)))
        .isEqualTo(new JoinAnswer.Refused(JoinAnswer.Reason.OTHER, "no room"));
  }

  @Test
  void anyBytesAreAMessageOrNone() {
    long seed = new Random().nextLong();
    System.out.println("JoinMessagesTest.anyBytesAreAMessageOrNone seed=" + seed);
    Random random = new Random(seed);
    byte[] request = JoinRequest.of(SECRET, new byte[300]).bytes();
    for (int i = 0; i < 2000; i++) {
      byte[] changed = request.clone();
      changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
      JoinRequest.parse(changed).ifPresent(read -> assertThat(read.der()).isNotNull());
      byte[] noise = new byte[random.nextInt(200)];
      random.nextBytes(noise);
      assertThat(JoinRequest.parse(noise)).as("seed %d", seed).isEmpty();
      assertThat(JoinAnswer.parse(noise))
          .as("seed %d", seed)
          .isInstanceOfSatisfying(
              JoinAnswer.Refused.class,
              refused -> assertThat(refused.reason()).isEqualTo(JoinAnswer.Reason.MALFORMED));
    }
  }

  @Test
  void aClaimIsWonOnce() {
    Path file = directory.resolve("claim");

    assertThat(SecretFiles.claim(file, "one")).isTrue();
    assertThat(SecretFiles.claim(file, "two")).isFalse();
    assertThat(file).hasContent("one");
  }

  @Test
  void aFileIsReplacedWhole() throws IOException {
    Path file = directory.resolve("identity.pem");
    SecretFiles.createFile(file, "old");
    Files.writeString(directory.resolve("identity.pem.partial"), "left of a crash");

    SecretFiles.replaceFile(file, "new");

    assertThat(file).hasContent("new");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(directory).isDirectoryNotContaining("glob:**.partial");
  }

  @Test
  void theWordsOfTheWireStay() {
    assertThat(JoinAnswer.Reason.values())
        .extracting(JoinAnswer.Reason::word)
        .containsExactly(
            "malformed",
            "token-unknown",
            "token-expired",
            "token-used",
            "other-name",
            "bad-request",
            "name-taken",
            "not-admitted",
            "unavailable",
            "other");
    assertThat(Refusal.Reason.values())
        .extracting(Refusal.Reason::word)
        .containsExactly(
            "handshake",
            "tls-version",
            "no-certificate",
            "other-authority",
            "expired",
            "not-yet-valid",
            "other-host",
            "no-identity",
            "other-site",
            "wrong-role",
            "wrong-purpose",
            "other-name",
            "revoked",
            "other-hardware");
    assertThat(Refusal.Reason.ofWord("other-name")).contains(Refusal.Reason.OTHER_NAME);
  }
}
