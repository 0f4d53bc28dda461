// data-opens="id" opens that <dialog>; its address, if it has one, serves those without JavaScript.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  const dialog = opener && document.getElementById(opener.dataset.opens);
  if (dialog instanceof HTMLDialogElement) {
    event.preventDefault();
    dialog.showModal();
    return;
  }
  // The backdrop belongs to the dialog element itself, everything else lies in its inner box.
  if (event.target instanceof HTMLDialogElement && event.target.open) event.target.close();
});
