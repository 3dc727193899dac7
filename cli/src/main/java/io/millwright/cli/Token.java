package io.millwright.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** The word that a collector knows somebody by. It comes from files only and is never shown. */
final class Token {
  private static final Pattern FORM = Pattern.compile("[\\x21-\\x7e]{1,4096}");

  private Token() {}

  static boolean usable(String text) {
    return FORM.matcher(text).matches();
  }

  /** The one word of this file, which must be this user's or root's and nobody else's to read. */
  static String read(Path file) {
    String text;
    try {
      Inode inode = Inode.of(file);
      if (inode.uid() != 0 && inode.uid() != Inode.ownUid()) {
        throw new SetUpException(
            "the token file %s is refused: it is that of uid %d, allowed is yours or root's"
                .formatted(file, inode.uid()));
      }
      if (inode.open()) {
        throw new SetUpException(
            "the token file %s is refused: others may read or write it; 'chmod 600' makes it yours alone"
                .formatted(file));
      }
      text = decoded(Inode.read(file)).strip();
    } catch (NoSuchFileException e) {
      throw new SetUpException("the token file %s is not there".formatted(file), e);
    } catch (IOException e) {
      throw new SetUpException(
          "the token file %s cannot be read: its user must be you, and it must be text of at most %d bytes"
              .formatted(file, Inode.LARGEST),
          e);
    }
    if (!usable(text)) {
      throw new SetUpException(
          "the token file %s has no token: allowed is one word and nothing else".formatted(file));
    }
    return text;
  }

  private static String decoded(byte[] bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }
}
