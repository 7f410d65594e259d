// One click on a demonstration account fills the form.
"use strict";
document.addEventListener("click", (event) => {
  const chosen = event.target.closest("button[data-login]");
  if (!chosen) return;
  document.querySelectorAll("button[data-login]").forEach((one) => one.setAttribute("aria-pressed", String(one === chosen)));
  document.getElementById("login").value = chosen.dataset.login;
  document.getElementById("password").value = document.getElementById("demo-password").textContent;
  const submit = document.querySelector("#sign-in .main");
  submit.focus();
  submit.scrollIntoView({ block: "nearest" });
});
