package io.millwright.agent;

import io.millwright.agent.config.AgentConfig;
import io.millwright.agent.dialect.DcgmFields;
import io.millwright.agent.dialect.Dialect;
import io.millwright.agent.dialect.DialectException;
import io.millwright.agent.dialect.NameCorrections;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.health.XidTable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The pages of other exporters that a configuration wants. That of Neuron is the agent's to add.
 */
final class Dialects {
  private static final int LARGEST_BYTES = 1 << 16;

  private Dialects() {}

  /**
   * Empty where the site wants none; then nothing is read.
   *
   * @throws DialectException where the file of corrected names cannot be used
   */
  static List<Dialect> of(AgentConfig config) {
    AgentConfig.Page page = config.page();
    Map<String, String> corrections = Map.of();
    if (!ofDcgm(page) && page.dcgm49Names().isEmpty()) {
      return List.of();
    }
    DcgmFields fields = DcgmFields.packaged();
    if (!page.dcgm49Names().isEmpty()) {
      corrections =
          NameCorrections.of(page.dcgm49Names(), lines(Path.of(page.dcgm49Names())), fields);
    }
    Map<String, String> names = corrections;
    XidTable xids = RuleCatalogue.load().xids();
    return Arrays.stream(Dialect.Name.values())
        .filter(name -> page.dialects().contains(name.word()))
        .<Dialect>flatMap(name ->
            switch (name) {
              case DCGM -> Stream.of(fields.classic(page.dcgmHostLabel(), xids));
              case DCGM49 -> Stream.of(fields.release49(names, xids));
              case NEURON -> Stream.empty();
            })
        .toList();
  }

  private static boolean ofDcgm(AgentConfig.Page page) {
    return page.dialects().contains(Dialect.Name.DCGM.word())
        || page.dialects().contains(Dialect.Name.DCGM49.word());
  }

  private static List<String> lines(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(LARGEST_BYTES + 1);
      if (bytes.length > LARGEST_BYTES) {
        throw refused(file, "larger than 64 KiB, which is the most that is allowed");
      }
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes))
          .toString()
          .lines()
          .toList();
    } catch (NoSuchFileException absent) {
      throw refused(file, "there is no such file; write it, or name another");
    } catch (AccessDeniedException denied) {
      throw refused(file, "may not be read by this user; allow it with chmod or chown");
    } catch (CharacterCodingException notText) {
      throw refused(file, "not UTF-8; save it as UTF-8");
    } catch (IOException failure) {
      throw refused(file, "cannot be read as a file of text; name another");
    }
  }

  private static DialectException refused(Path file, String why) {
    return new DialectException(List.of(file + ": " + why));
  }
}
