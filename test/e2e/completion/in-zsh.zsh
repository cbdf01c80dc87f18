# Types each line of standard input into a zsh with a terminal of its own, presses Tab, and prints what the line is then. What was
# on its screen goes to the file named second.  zsh -f in-zsh.zsh <completion script> <screen>
zmodload zsh/zpty
folder=$(mktemp -d)
trap 'rm -rf $folder' EXIT
zpty session 'env TERM=xterm COLUMNS=100 zsh -f -i'
# Tab completes as everywhere, and says how the line is after it: keys that were typed meanwhile would make it a mere tab.
cat > $folder/rc <<END
PS1='> '
autoload -Uz compinit
compinit -u -D
zstyle ':completion:*' insert-tab false
source ${(q)1}
tab() { zle expand-or-complete; print -r -- "\$BUFFER" >| $folder/next; mv $folder/next $folder/line }
zle -N tab
bindkey '^I' tab
touch $folder/ready
END
zpty -w session "source $folder/rc"
# Half a minute, for a machine that is busy.
waited() { for _ in {1..600}; do [[ -e $1 ]] && return; sleep 0.05; done; print -u2 -r -- "nothing came: $2"; exit 1 }
waited $folder/ready 'a prompt'
while IFS= read -r line; do
  zpty -w -n session "$line"$'\t'
  waited $folder/line "$line"
  cat $folder/line
  rm $folder/line
  # Clears the line.
  zpty -w -n session $'\x15'
  while zpty -r -t session chunk; do print -rn -- "$chunk" >> $2; done
done
zpty -d session
